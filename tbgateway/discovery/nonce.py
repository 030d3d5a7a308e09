"""Whether the gateway sees the directory that a script sees: by a file that the script wrote."""

import hmac

from tbgateway.discovery.small_files import read_small
from tbgateway.domain.description import NONCE_NAME
from tbgateway.domain.errors import InvalidInputError, NotSharedError

_SHORTEST, _LONGEST = 16, 128  # characters


def check_nonce(directory: str, nonce: str) -> None:
    """Raise NotSharedError unless the file in the real path `directory` holds `nonce`."""
    if not (_SHORTEST <= len(nonce) <= _LONGEST and nonce.isascii()):
        raise InvalidInputError(
            "The nonce is not one.",
            hint=f"It is {_SHORTEST} to {_LONGEST} ASCII characters, made up for this directory.",
            field="nonce",
        )
    try:
        found = read_small(f"{directory}/{NONCE_NAME}", _LONGEST + 2)
    except OSError as error:
        raise _not_shared(
            directory, f"{NONCE_NAME} in it cannot be read: {error.strerror}"
        ) from None
    if not hmac.compare_digest(found.strip(), nonce.encode()):
        raise _not_shared(directory, f"{NONCE_NAME} in it holds something else")


def _not_shared(directory: str, why: str) -> NotSharedError:
    return NotSharedError(
        f"The gateway does not see {directory!r} as the script does: {why}.",
        hint="Write into a directory that both machines have under the same path.",
    )
