"""A generation's listening unix socket, there before the process that will answer on it."""

import os
import socket
import stat
from pathlib import Path
from typing import Self

from tbgateway.domain.names import is_launch_id
from tbgateway.launchers.launcher import LaunchError
from tbgateway.launchers.why_not import why_not

_LONGEST_PATH = 107  # bytes; sun_path of unix(7) without its closing NUL
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_BACKLOG = 512  # requests that may wait for a board that is still starting


class Endpoint:
    """A bound socket; as long as it is open, connections wait in it instead of being refused."""

    def __init__(self, path: Path, listener: socket.socket) -> None:
        self.path = path
        self.listener = listener

    @classmethod
    def bind(cls, path: Path) -> Self:
        """Listen on `path`, replacing what an earlier gateway left there.

        Raise LaunchError, or ShortageError.
        """
        if len(os.fsencode(path)) > _LONGEST_PATH:
            raise LaunchError(
                f"{path} is too long for a unix socket ({_LONGEST_PATH} bytes): choose a shorter"
                " runtime directory"
            )
        try:
            return cls(path, _listening(path))
        except OSError as error:
            raise why_not(str(path), error) from error

    def close(self) -> None:
        """Refuse what waits in it, and remove it."""
        self.listener.close()
        self.path.unlink(missing_ok=True)


def _listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(0o600)  # before listen: nobody can connect to a socket that only is bound
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def make_runtime_dir(path: Path) -> None:
    """Make the directory of the sockets, closed to other users; raise LaunchError.

    One that exists is taken as it is, if it is ours and nobody else may write to it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat()
    except OSError as error:
        raise LaunchError(f"{path}: {error.strerror}") from error
    if status.st_uid != os.geteuid() or status.st_mode & _WRITABLE_BY_OTHERS:
        raise LaunchError(
            f"{path} belongs to another user or can be written by others: choose another runtime"
            " directory"
        )


def remove_dead_endpoints(runtime_dir: Path) -> None:
    """Remove the endpoints that nobody listens on any more: of a gateway that was killed."""
    for path in runtime_dir.iterdir():
        if is_launch_id(path.name) and stat.S_ISSOCK(path.lstat().st_mode) and _is_dead(path):
            path.unlink(missing_ok=True)


def _is_dead(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)  # noqa: FBT003 - a method of the standard library
        try:
            caller.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:  # busy, or gone by now
            return False
    return False


def remove_left_endpoint(runtime_dir: Path, endpoint: str) -> None:
    """Remove a socket that an earlier gateway left; nothing outside of `runtime_dir`, ever."""
    path = Path(endpoint)
    if path.parent == runtime_dir:
        path.unlink(missing_ok=True)
