"""Opens what the gateway listens on, and says clearly why it cannot."""

import errno
import fcntl
import os
import re
import socket
import stat
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tbgateway.domain.errors import ConflictError, InvalidInputError, TbgatewayError

_HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^:\[\]]+):(?P<port>[0-9]{1,5})")
_DESCRIPTOR = re.compile(r"[0-9]{1,6}")
_MOST_PORT = 65535
_LONGEST_PATH = 107  # bytes; sun_path of struct sockaddr_un, less its terminator
_BACKLOG = 1024
_FIRST_INHERITED = 3  # SD_LISTEN_FDS_START
_HOW = "Use HOST:PORT, [IPV6]:PORT, unix:PATH or fd:NUMBER."
_ABSENT = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


@dataclass(frozen=True, slots=True)
class ListeningSocket:
    """A socket that takes connections, and its file if we made one: path, device and inode."""

    socket: socket.socket
    file: tuple[Path, int, int] | None = None

    @property
    def address(self) -> str:
        """What it listens on, in the form that is written in the settings."""
        name = self.socket.getsockname()
        if self.socket.family == socket.AF_UNIX:
            return f"unix:{os.fsdecode(name)}"
        return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"

    def close(self) -> None:
        """Stop listening and remove the socket's file, unless a successor's is there now."""
        self.socket.close()
        if self.file is None:
            return
        path, device, inode = self.file
        with suppress(FileNotFoundError):
            there = path.lstat()
            if (there.st_dev, there.st_ino) == (device, inode):
                path.unlink()


def open_listening(address: str) -> tuple[ListeningSocket, ...]:
    """Listen on an address as written in the settings; a name may stand for several.

    Raise InvalidInputError if it cannot be understood or used, ConflictError if it is taken.
    """
    kind, _, rest = address.partition(":")
    match kind:
        case "unix":
            return (open_unix(Path(rest), mode=0o660),)
        case "fd" if _DESCRIPTOR.fullmatch(rest):
            return (_adopted(int(rest)),)
        case _:
            return _open_tcp(address)


def open_unix(path: Path, *, mode: int) -> ListeningSocket:
    """Listen on a unix socket with these permissions, replacing one that nobody serves.

    Raise InvalidInputError if the path cannot be used, ConflictError if it is taken.
    """
    if not path.is_absolute() or len(os.fsencode(path)) > _LONGEST_PATH:
        raise InvalidInputError(
            f"{str(path)!r} cannot be a socket's path.",
            hint=f"It must be absolute and at most {_LONGEST_PATH} bytes long.",
        )
    _clear_way(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(path))
        path.chmod(mode)  # nobody gets in before listen()
        made = path.lstat()
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise _explained(f"unix:{path}", error) from error
    return ListeningSocket(listening, (path, made.st_dev, made.st_ino))


def inherited(environment: MutableMapping[str, str]) -> tuple[ListeningSocket, ...]:
    """Return the sockets that systemd opened for this process, if any, and forget about them."""
    count = environment.pop("LISTEN_FDS", "0")
    pid = environment.pop("LISTEN_PID", "")
    environment.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not _DESCRIPTOR.fullmatch(count):
        return ()
    return tuple(_adopted(_FIRST_INHERITED + place) for place in range(int(count)))


def _adopted(descriptor: int) -> ListeningSocket:
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        adopted = socket.socket(fileno=descriptor)
        listens = adopted.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise _no_listener(descriptor) from error
    if not listens or adopted.type != socket.SOCK_STREAM:
        adopted.detach()
        raise _no_listener(descriptor)
    return ListeningSocket(adopted)


def _no_listener(descriptor: int) -> InvalidInputError:
    return InvalidInputError(
        f"The descriptor {descriptor} is no listening stream socket.",
        hint="fd:NUMBER takes a socket that the parent process opened and listens on.",
    )


def _open_tcp(address: str) -> tuple[ListeningSocket, ...]:
    shape = _HOST_PORT.fullmatch(address)
    if shape is None or int(shape["port"]) > _MOST_PORT:
        raise InvalidInputError(f"{address!r} is nothing to listen on.", hint=_HOW)
    port = int(shape["port"])
    opened: list[socket.socket] = []
    problems: list[OSError] = []
    for family, host in _resolved(address, shape["host"].strip("[]")):
        try:
            opened.append(_bound(family, host, port))
        except OSError as error:
            problems.append(error)
        else:
            port = opened[0].getsockname()[1]
    serious = [problem for problem in problems if problem.errno not in _ABSENT]
    if opened and not serious:
        return tuple(ListeningSocket(listening) for listening in opened)
    for listening in opened:
        listening.close()
    raise _explained(address, (serious or problems)[0])


def _resolved(address: str, host: str) -> list[tuple[int, str]]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise InvalidInputError(
            f"{address!r} is nothing to listen on: {error.strerror}.", hint=_HOW
        ) from error
    return list(dict.fromkeys((family, str(name[0])) for family, _, _, _, name in found))


def _bound(family: int, host: str, port: int) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _clear_way(path: Path) -> None:
    """Remove a socket's file that nobody listens on; refuse anything else that is in the way."""
    try:
        is_socket = stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _explained(f"unix:{path}", error) from error
    if not is_socket:
        raise ConflictError(
            f"{str(path)!r} exists and is no socket.", hint="Choose another path, or move it away."
        )
    if _is_served(path):
        raise _explained(f"unix:{path}", OSError(errno.EADDRINUSE, "somebody serves it"))
    path.unlink(missing_ok=True)


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True  # such as a full backlog: somebody is there
    return True


def _explained(address: str, error: OSError) -> TbgatewayError:
    match error.errno:
        case errno.EADDRINUSE:
            return ConflictError(
                f"{address} is in use: something else listens there.",
                hint="Stop it, or choose another address: tbgateway serve --listen HOST:PORT"
                " (port 0 takes any free one).",
            )
        case errno.EACCES | errno.EPERM:
            return InvalidInputError(
                f"{address} may not be opened: {error.strerror}.",
                hint="Ports below 1024 need a privilege; choose a higher one, or have systemd"
                " open the socket.",
            )
        case _:
            return InvalidInputError(
                f"{address} cannot be listened on: {error.strerror or error}.", hint=_HOW
            )
