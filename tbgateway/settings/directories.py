"""Where state and sockets go when nobody says it: systemd's directories, else XDG's."""

import hashlib
import os
from pathlib import Path

from tbgateway.domain import locations
from tbgateway.domain.errors import InvalidInputError

_NOWHERE = Path("/nonexistent")  # a home that nobody has
_LONGEST_RUNTIME_DIR = 85  # bytes; a socket path has 107, "/<board id>.<generation>" is the rest


def default_state_dir() -> Path:
    """Return systemd's StateDirectory, else `tbgateway` in XDG's state directory.

    Raise InvalidInputError if the user has no home directory either.
    """
    directory = locations.state_dir(os.environ, _home() or _NOWHERE)
    if _NOWHERE in directory.parents:
        raise InvalidInputError(
            "There is no home directory to keep the gateway's state in.",
            hint="Set state.dir, or start with --state-dir DIR.",
        )
    return directory


def default_runtime_dir(state_dir: Path) -> Path:
    """Return systemd's RuntimeDirectory, else a directory in XDG's, else `run` in `state_dir`.

    Gateways of one user with different states get different directories.
    """
    given = _systemd("RUNTIME_DIRECTORY")
    if given is not None:
        return given
    base = _xdg_runtime_dir()
    return state_dir / "run" if base is None else base / _own_name(state_dir)


def check_runtime_dir(path: Path) -> Path:
    """Return `path`; raise ValueError if the sockets in it would have too long a path."""
    if len(os.fsencode(path)) > _LONGEST_RUNTIME_DIR:
        raise ValueError(
            f"{path} is longer than {_LONGEST_RUNTIME_DIR} bytes: sockets in it cannot be"
            " opened. Set it to a shorter path"
        )
    return path


def check_apart(root: Path, *own: Path) -> None:
    """Raise ValueError if one of the gateway's `own` directories is the logdir `root` or in it.

    Boards read all that is below a root, and so would read the gateway's database.
    """
    for directory in own:
        if Path(os.path.normpath(directory)).is_relative_to(os.path.normpath(root)):
            raise ValueError(
                f"{directory}, where the gateway keeps what is its own, lies in the logdir root"
                f" {root}, and boards can read all of that. Set state.dir and state.runtime_dir to"
                " places outside of all roots, or name a smaller root"
            )


def _systemd(variable: str) -> Path | None:
    first = os.environ.get(variable, "").split(":")[0]
    return Path(first) if first else None


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _xdg_runtime_dir() -> Path | None:
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given.startswith("/"):
        return Path(given)
    usual = Path("/run/user") / str(os.getuid())
    return usual if usual.is_dir() else None


def _own_name(state_dir: Path) -> str:
    """Name the directory so that a second gateway does not take the first one's sockets."""
    if state_dir == default_state_dir():
        return "tbgateway"
    return f"tbgateway-{hashlib.blake2b(os.fsencode(state_dir), digest_size=5).hexdigest()}"
