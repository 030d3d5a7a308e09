"""The proof that this machine and a gateway see the same directory."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tbgateway.domain.description import NONCE_NAME
from tbgateway.training.claims import claim, release

_TRIES, _PAUSE = 100, 0.02
"""For 2 s: so long a script waits for another one that has its own nonce there."""


@contextmanager
def nonce_in(directory: Path) -> Iterator[str]:
    """Yield what a file in the directory holds meanwhile. Raise OSError if none can be made.

    Scripts that share the directory take turns.
    """
    path = directory / NONCE_NAME
    descriptor = _turn(path)
    try:
        nonce = secrets.token_hex(16)
        os.fchmod(descriptor, 0o644)  # the gateway may be another user
        os.ftruncate(descriptor, 0)  # it may be left by a script that was killed
        os.write(descriptor, nonce.encode("ascii"))
        os.fsync(descriptor)  # the gateway may be another machine
        yield nonce
    finally:
        with suppress(OSError):
            path.unlink()
        release(descriptor)


def _turn(path: Path) -> int:
    for _ in range(_TRIES):
        try:
            return claim(path, os.O_CREAT)
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError:
            if not os.path.lexists(path):
                raise
            path.unlink()  # a link, or what another user left
    raise TimeoutError(110, "other scripts write there, too", str(path))
