"""Which gateway a command talks to: named, from the environment, saved, or on this machine."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tbgateway.client.addresses import Address, SocketAddress, parse_address
from tbgateway.client.saved_context import load_context
from tbgateway.domain.errors import InvalidInputError, UnreachableError
from tbgateway.domain.locations import OTHER_CONTROL_SOCKETS, context_file, control_sockets


@dataclass(frozen=True, slots=True)
class Found:
    """A gateway's address, the token for it, and where both were found."""

    address: Address
    token: str | None = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class _Named:
    """A gateway that somebody named; `token` is the one that was saved with it."""

    url: str
    source: str
    token: str | None = field(default=None, repr=False)


def find_gateway(
    url: str | None = None,
    token_file: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    token: str | None = None,
) -> Found:
    """Return the gateway to talk to: `url`, TBGATEWAY_URL, the saved context, a control socket.

    A token belongs to the address it came with: TBGATEWAY_TOKEN goes to a named address or the
    environment's, a saved one only to its own; `token`, or the one in `token_file`, goes to each.
    Raise UnreachableError if there is none, with every place that was tried, and InvalidInputError
    for what cannot be read.
    """
    environ = os.environ if environ is None else environ
    given = token if token_file is None else read_token(token_file)
    named = _named(url, environ)
    if named is None:
        return _local(_sockets(environ), given or _token_of(environ))
    address = parse_address(named.url)
    return Found(address, given or named.token or _token_of(environ), named.source)


def name_gateway(url: str | None = None, *, environ: Mapping[str, str]) -> str:
    """Return where `find_gateway` looks first: the same word whether a gateway answers or not.

    Raise InvalidInputError for what cannot be read.
    """
    named = _named(url, environ)
    return str(SocketAddress(_sockets(environ)[0]) if named is None else parse_address(named.url))


def read_token(path: Path) -> str:
    """Return the token that a file holds; raise InvalidInputError if it holds none."""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            f"The token file {path} cannot be read.", hint="It holds one line: the token."
        ) from error
    return check_token(token, f"The token file {path}")


def check_token(token: str, source: str) -> str:
    """Return `token`; raise InvalidInputError if it cannot be one, without repeating it."""
    if token and token.isascii() and token.isprintable() and " " not in token:
        return token
    raise InvalidInputError(
        f"{source} does not hold one token.",
        hint="Make one: tbgateway token create LABEL",
    )


def _named(url: str | None, environ: Mapping[str, str]) -> _Named | None:
    if url:
        return _Named(url, "--url")
    if environ.get("TBGATEWAY_URL"):
        return _Named(environ["TBGATEWAY_URL"], "TBGATEWAY_URL")
    path = context_file(environ, Path.home())
    saved = load_context(path, may_be_closed=bool(environ.get("TBGATEWAY_SOCKET")))
    return (
        None if saved is None else _Named(saved.url, str(path), check_token(saved.token, str(path)))
    )


def _token_of(environ: Mapping[str, str]) -> str | None:
    token = environ.get("TBGATEWAY_TOKEN", "").strip()  # a mounted secret ends with its line
    return check_token(token, "TBGATEWAY_TOKEN") if token else None


def _sockets(environ: Mapping[str, str]) -> tuple[Path, ...]:
    return control_sockets(environ, os.getuid(), Path.home())


def _local(sockets: tuple[Path, ...], token: str | None) -> Found:
    tried = []
    for path in sockets:
        problem = _problem_with(path)
        if problem is None:
            return Found(SocketAddress(path), token, "the local control socket")
        tried.append(f"{path} ({problem})")
    others = _others(sockets)
    if len(others) == 1:
        return Found(SocketAddress(others[0]), token, "the local control socket")
    if others:
        choices = ", ".join(f"unix:{path}" for path in others)
        raise InvalidInputError(
            "There is more than one gateway on this machine.",
            hint=f"Choose by --url, or by url= in Python: {choices}",
        )
    raise UnreachableError(
        f"No gateway was found on this machine. Tried: {', '.join(tried)}.",
        hint="Start one (tbgateway serve --logdir DIR), or name one: --url URL, in Python url=,"
        " TBGATEWAY_URL, TBGATEWAY_SOCKET, or tbgateway login URL --token-stdin",
    )


def _others(sockets: tuple[Path, ...]) -> list[Path]:
    """Return those that answer of gateways with a state directory of their own."""
    if len(sockets) == 1:  # it was named
        return []
    beside = {
        path
        for usual in sockets
        for path in usual.parent.parent.glob(OTHER_CONTROL_SOCKETS)
        if path not in sockets
    }
    return sorted(path for path in beside if _problem_with(path) is None)


def _problem_with(path: Path) -> str | None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(str(path))
        except FileNotFoundError:
            return "not there"
        except ConnectionRefusedError:
            return "nobody listens"
        except OSError as error:
            return error.strerror or str(error)
    return None
