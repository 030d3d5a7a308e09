"""The address and token that `tbgateway login` keeps for later commands, in a file of mode 0600."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tbgateway.domain.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class SavedContext:
    """Which gateway to talk to, and as whom."""

    url: str
    token: str = field(repr=False)


def load_context(path: Path, *, may_be_closed: bool = False) -> SavedContext | None:
    """Read the saved context, or None if there is none.

    Raise InvalidInputError if others may read the file, or if it cannot be read; but a place that
    cannot even be looked at holds none if it `may_be_closed`.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise InvalidInputError(
                f"{path} holds a token, and others may read it.", hint=f"Run: chmod 600 {path}"
            )
        content = json.loads(path.read_text(encoding="utf-8"))
        return SavedContext(url=content["url"], token=content["token"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if may_be_closed:
            return None
        raise _out_of_reach(path, error) from error
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInputError(
            f"{path} cannot be read as a saved context.",
            hint="Write it anew: tbgateway login URL --token-stdin",
        ) from error


def save_context(path: Path, context: SavedContext) -> None:
    """Write the context so that only its owner can read it, whole or not at all.

    Raise InvalidInputError if there is no place to write to.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # mode 0600
    except OSError as error:
        raise _out_of_reach(path, error) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(context), file)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def forget_context(path: Path) -> bool:
    """Remove the saved context; return whether there was one.

    Raise InvalidInputError if it cannot be reached.
    """
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _out_of_reach(path, error) from error
    return True


def _out_of_reach(path: Path, error: OSError) -> InvalidInputError:
    return InvalidInputError(
        f"{path}, the place of a saved context, cannot be used: {error.strerror}.",
        hint="Let HOME or XDG_CONFIG_HOME name a directory of your own, or name a gateway:"
        " --url URL, in Python url=, TBGATEWAY_URL or TBGATEWAY_SOCKET",
    )
