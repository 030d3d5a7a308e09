"""Where a gateway keeps its things and where its clients look for it: one list for both sides.

Pure: the environment, the user id and the home directory are given by the caller.
"""

from collections.abc import Mapping
from pathlib import Path

CONTROL_SOCKET = "control"
"""The control socket's name inside the runtime directory."""
OTHER_CONTROL_SOCKETS = f"tbgateway-*/{CONTROL_SOCKET}"
"""Beside a usual runtime directory: where gateways with other state directories have theirs."""
SYSTEM_RUNTIME_DIR = Path("/run/tbgateway")


def state_dir(environ: Mapping[str, str], home: Path) -> Path:
    """Return the default state directory: systemd's, or the user's own."""
    given = _first(environ.get("STATE_DIRECTORY"))
    if given is not None:
        return given
    return _absolute(environ.get("XDG_STATE_HOME"), home / ".local" / "state") / "tbgateway"


def runtime_dir(environ: Mapping[str, str], state: Path) -> Path:
    """Return the default directory of sockets: systemd's, the session's, or the state's own."""
    given = _first(environ.get("RUNTIME_DIRECTORY"))
    if given is not None:
        return given
    session = environ.get("XDG_RUNTIME_DIR", "")
    return Path(session) / "tbgateway" if session.startswith("/") else state / "run"


def control_sockets(environ: Mapping[str, str], uid: int, home: Path) -> tuple[Path, ...]:
    """Return where a client of the same host looks for the control socket, in this order.

    A socket named by TBGATEWAY_SOCKET is the only one that counts.
    """
    named = environ.get("TBGATEWAY_SOCKET", "")
    if named:
        return (Path(named),)
    state = state_dir(environ, home)
    directories = (
        runtime_dir(environ, state),
        Path(f"/run/user/{uid}/tbgateway"),
        SYSTEM_RUNTIME_DIR,
        state / "run",
    )
    return tuple(dict.fromkeys(directory / CONTROL_SOCKET for directory in directories))


def context_file(environ: Mapping[str, str], home: Path) -> Path:
    """Return the file in which `tbgateway login` keeps an address and its token."""
    return (
        _absolute(environ.get("XDG_CONFIG_HOME"), home / ".config") / "tbgateway" / "context.json"
    )


def _first(directories: str | None) -> Path | None:
    """Return the first of systemd's colon-separated directories."""
    first = (directories or "").split(":")[0]
    return Path(first) if first else None


def _absolute(directory: str | None, default: Path) -> Path:
    """Return `directory` unless it is relative, which the XDG specification tells to ignore."""
    return Path(directory) if directory and directory.startswith("/") else default
