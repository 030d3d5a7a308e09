"""The proof that this machine and a gateway see the same directory."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = ".tbgateway-nonce"


@contextmanager
def nonce_in(directory: Path) -> Iterator[str]:
    """Yield what a file in the directory holds meanwhile. Raise OSError if none can be made."""
    nonce = secrets.token_hex(16)
    path = directory / NAME
    with suppress(FileNotFoundError):
        path.unlink()  # left by a script that was killed
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(nonce)
        path.chmod(0o644)  # the gateway may be another user
        yield nonce
    finally:
        with suppress(OSError):
            path.unlink()
