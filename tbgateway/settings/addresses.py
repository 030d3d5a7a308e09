"""Addresses to listen on, as they are written: `HOST:PORT`, `unix:PATH` or `fd:N`."""

import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path

_TCP = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9_.-]+)):(?P<port>\d{1,5})")
_LONGEST_SOCKET_PATH = 107  # bytes; sockaddr_un holds 108 with the final NUL
_FIRST_INHERITED = 3  # below are stdin, stdout and stderr
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A TCP port of one host or address; port 0 lets the kernel choose."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A unix socket."""

    path: Path


@dataclass(frozen=True, slots=True)
class InheritedSocket:
    """A listening socket that whoever started the gateway handed over."""

    fd: int


Address = TcpAddress | UnixAddress | InheritedSocket


def parse_address(text: str) -> Address:
    """Return what `text` names; raise ValueError saying what is wrong with it."""
    kind, _, rest = text.partition(":")
    if kind == "unix":
        return _unix(rest)
    if kind == "fd":
        return _inherited(rest)
    return _tcp(text)


def _unix(path: str) -> UnixAddress:
    if not path or "\0" in path:
        raise ValueError("unix: must be followed by the path of a socket")
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        raise ValueError(f"a socket's path may have {_LONGEST_SOCKET_PATH} bytes at most")
    return UnixAddress(Path(path))


def _inherited(number: str) -> InheritedSocket:
    if not (number.isascii() and number.isdigit() and int(number) >= _FIRST_INHERITED):
        raise ValueError(f"fd: must be followed by a number from {_FIRST_INHERITED} on")
    return InheritedSocket(int(number))


def _tcp(text: str) -> TcpAddress:
    match = _TCP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no address to listen on")
    if match["v6"]:
        ipaddress.IPv6Address(match["v6"])
    if int(match["port"]) > _LAST_PORT:
        raise ValueError(f"a port is at most {_LAST_PORT}")
    return TcpAddress(match["v6"] or match["host"], int(match["port"]))
