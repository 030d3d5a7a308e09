"""The step that refuses requests which two parties could read in two ways.

aiohttp's parser refuses most of them; these checks are what it leaves open.
"""

import re
from collections.abc import Awaitable
from functools import lru_cache

from aiohttp import hdrs, web

from tbgateway.dataplane.incoming import IncomingRequest, incoming
from tbgateway.dataplane.known_hosts import KnownHosts, host_name
from tbgateway.dataplane.means import Means, Next
from tbgateway.dataplane.request_target import parse_target
from tbgateway.domain.errors import (
    BadRequestError,
    DeniedError,
    MethodNotAllowedError,
    MisdirectedError,
)
from tbgateway.domain.public_urls import HOST, MOST_PORT, UNNAMEABLE
from tbgateway.routes import Door, Exchange

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_VERSIONS = ((1, 0), (1, 1))
_HOSTS = 256  # how many are remembered
_DIGITS = re.compile(r"[0-9]{1,18}")


def validate_request(
    means: Means, exchange: Exchange, call_next: Next
) -> Awaitable[web.StreamResponse]:
    """Refuse what is ambiguous; leave the target, split, in the exchange."""
    request = incoming(exchange)
    for check in _CHECKS:
        check(request)
    exchange.external = means.origins.external(request)
    _check_known_hosts(request, exchange.external.host, means.known_hosts)
    exchange.target = parse_target(request.raw_target, exchange.external.prefix)
    return call_next(exchange)


def _check_version(request: IncomingRequest) -> None:
    if request.version not in _VERSIONS:
        raise BadRequestError("Only HTTP/1.0 and HTTP/1.1 are spoken here.")


def _check_method(request: IncomingRequest) -> None:
    if request.method not in METHODS:
        raise MethodNotAllowedError("The method is not known here.", allow=METHODS)


def _check_host(request: IncomingRequest) -> None:
    """Insist on exactly one well-formed Host; in HTTP/1.0 there may be none."""
    hosts = request.headers.getall(hdrs.HOST, ())
    if len(hosts) > 1 or (not hosts and tuple(request.version) != (1, 0)):
        raise BadRequestError("There must be exactly one Host header.")
    for host in hosts:
        if not _is_host(host):
            raise BadRequestError("The Host header is malformed.")


def _check_framing(request: IncomingRequest) -> None:
    """Insist on one way of telling the body's length, told once."""
    codings = request.headers.getall(hdrs.TRANSFER_ENCODING, ())
    lengths = request.headers.getall(hdrs.CONTENT_LENGTH, ())
    if codings and (list(codings) != ["chunked"] or tuple(request.version) == (1, 0)):
        raise BadRequestError("Transfer-Encoding must be exactly `chunked`, in HTTP/1.1.")
    if len(lengths) + len(codings) > 1:
        raise BadRequestError("The length of the body is told more than once.")
    if not all(_DIGITS.fullmatch(length) for length in lengths):
        raise BadRequestError("The Content-Length is not a number.")


def _check_authorization(request: IncomingRequest) -> None:
    if len(request.headers.getall(hdrs.AUTHORIZATION, ())) > 1:
        raise BadRequestError("There must be at most one Authorization header.")


def _check_expectation(request: IncomingRequest) -> None:
    expectations = request.headers.getall(hdrs.EXPECT, ())
    if any(text.lower() != "100-continue" for text in expectations) or len(expectations) > 1:
        raise BadRequestError("The only expectation that can be met is 100-continue.")


def _check_service_worker(request: IncomingRequest) -> None:
    """Nothing here has one: it would answer in the gateway's place long after the visit."""
    if "Service-Worker" in request.headers:
        raise DeniedError("There are no service workers here.")


_CHECKS = (
    _check_version,
    _check_method,
    _check_host,
    _check_framing,
    _check_authorization,
    _check_expectation,
    _check_service_worker,
)


def _check_known_hosts(request: IncomingRequest, external: str, known: KnownHosts) -> None:
    """Keep names out that somebody else made point here, whether asked or forwarded."""
    if request.peer.door is Door.CONTROL:
        return
    for host in (request.headers.get(hdrs.HOST), external):
        if host is not None and host not in known:
            raise _misdirected(host_name(host))


def _misdirected(name: str) -> MisdirectedError:
    hint = (
        f'If it is one of its names, add it to the settings: allowed_hosts = ["{name}"] in'
        " [server]; the host of public_url needs no entry."
    )
    if UNNAMEABLE in name:
        hint = "Browsers cannot keep boards apart by a name with '_': use another one."
    return MisdirectedError(f"The gateway does not answer to the name {name!r}.", hint=hint)


@lru_cache(_HOSTS)
def _is_host(text: str) -> bool:
    return HOST.fullmatch(text) is not None and _port(text) <= MOST_PORT


def _port(host: str) -> int:
    _, colon, port = host.rpartition("]")[2].rpartition(":")
    return int(port) if colon else 0
