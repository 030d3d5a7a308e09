"""Requests that two parties could read in two ways, as raw bytes."""

import asyncio

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic

from tbgateway.dataplane.origins import Origins

OK = b"Host: gateway.test\r\nConnection: close\r\n"
GET = b"GET /healthz HTTP/1.1\r\n"
POST = b"POST /swallow HTTP/1.1\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def get(headers: bytes = OK) -> bytes:
    return GET + headers + b"\r\n"


def post(headers: bytes, body: bytes = b"") -> bytes:
    return POST + OK + headers + b"\r\n" + body


SERVED = {
    "plain": get(),
    "a port in the host": get(b"Host: gateway.test:8300\r\nConnection: close\r\n"),
    "an IPv4 host": get(b"Host: 127.0.0.1:8300\r\nConnection: close\r\n"),
    "an IPv6 host": get(b"Host: [::1]:8300\r\nConnection: close\r\n"),
    "upper-case host": get(b"HOST: GATEWAY.Test\r\nConnection: close\r\n"),
    "HTTP/1.0 with a host": b"GET /healthz HTTP/1.0\r\nHost: gateway.test\r\n\r\n",
    "HTTP/1.0 without one": b"GET /healthz HTTP/1.0\r\n\r\n",
    "an empty header": get(OK + b"X-Empty:\r\n"),
    "spaces around a value": get(OK + b"X-Spaced: \t a b \t\r\n"),
    "bytes beyond ASCII in a value": get(OK + b"X-Latin: caf\xe9\r\n"),
    "a query": b"GET /healthz?a=1&b=%2F%5c;//../ HTTP/1.1\r\n" + OK + b"\r\n",
    "two spaces": b"GET  /healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "a body with a length": post(b"Content-Length: 3\r\n", b"abc"),
    "an empty body": post(b"Content-Length: 0\r\n"),
    "no body at all": post(b""),
    "a chunked body": post(CHUNKED, b"3\r\nabc\r\n0\r\n\r\n"),
    "a chunk extension": post(CHUNKED, b"3;x=y\r\nabc\r\n0\r\n\r\n"),
    "a trailer": post(CHUNKED, b"3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n"),
    "upper-case chunk size": post(CHUNKED, b"A\r\n0123456789\r\n0\r\n\r\n"),
    "a GET with a body": get(OK + b"Content-Length: 3\r\n") + b"abc",
    "a websocket upgrade that is ignored": get(
        b"Host: gateway.test\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
    ),
}

REFUSED = {
    # the request line
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "HTTP/1.2": b"GET /healthz HTTP/1.2\r\n" + OK + b"\r\n",
    "HTTP/2.0": b"GET /healthz HTTP/2.0\r\n" + OK + b"\r\n",
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version without a number": b"GET /healthz HTTP/x\r\n" + OK + b"\r\n",
    "lower-case protocol": b"GET /healthz http/1.1\r\n" + OK + b"\r\n",
    "a space in the target": b"GET /heal thz HTTP/1.1\r\n" + OK + b"\r\n",
    "a tab for a space": b"GET\t/healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "lower-case method": b"get /healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "TRACE": b"TRACE /healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "CONNECT": b"CONNECT gateway.test:80 HTTP/1.1\r\n" + OK + b"\r\n",
    "CONNECT to a path": b"CONNECT /healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "PROPFIND": b"PROPFIND /healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "an invented method": b"FROBNICATE /healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "absolute form": b"GET http://gateway.test/healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "absolute form elsewhere": b"GET http://other.test/healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "authority form": b"GET gateway.test:80 HTTP/1.1\r\n" + OK + b"\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\n" + OK + b"\r\n",
    "asterisk form with GET": b"GET * HTTP/1.1\r\n" + OK + b"\r\n",
    "no leading slash": b"GET healthz HTTP/1.1\r\n" + OK + b"\r\n",
    "a fragment": b"GET /healthz#top HTTP/1.1\r\n" + OK + b"\r\n",
    "a NUL in the target": b"GET /health\x00z HTTP/1.1\r\n" + OK + b"\r\n",
    "a DEL in the target": b"GET /health\x7fz HTTP/1.1\r\n" + OK + b"\r\n",
    "UTF-8 in the target": "GET /healthz?ü HTTP/1.1\r\n".encode() + OK + b"\r\n",
    "Latin-1 in the target": b"GET /healthz?\xfc HTTP/1.1\r\n" + OK + b"\r\n",
    "a long target": b"GET /healthz?" + b"a" * 9000 + b" HTTP/1.1\r\n" + OK + b"\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40 + b"\r\n\r\n",
    "an empty method": b" /healthz HTTP/1.1\r\n" + OK + b"\r\n",
    # Host
    "no host": get(b"Connection: close\r\n"),
    "an empty host": get(b"Host:\r\nConnection: close\r\n"),
    "two hosts": get(b"Host: a\r\nHost: b\r\nConnection: close\r\n"),
    "the same host twice": get(b"Host: a\r\nHost: a\r\nConnection: close\r\n"),
    "two hosts in HTTP/1.0": b"GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    "a list of hosts": get(b"Host: a, b\r\nConnection: close\r\n"),
    "a space in the host": get(b"Host: a b\r\nConnection: close\r\n"),
    "a user in the host": get(b"Host: me@gateway.test\r\nConnection: close\r\n"),
    "a path in the host": get(b"Host: gateway.test/healthz\r\nConnection: close\r\n"),
    "a query in the host": get(b"Host: gateway.test?x\r\nConnection: close\r\n"),
    "a backslash in the host": get(b"Host: gateway.test\\x\r\nConnection: close\r\n"),
    "a percent sign in the host": get(b"Host: gateway%2etest\r\nConnection: close\r\n"),
    "a port that is no number": get(b"Host: gateway.test:http\r\nConnection: close\r\n"),
    "a port beyond all ports": get(b"Host: gateway.test:65536\r\nConnection: close\r\n"),
    "an empty port": get(b"Host: gateway.test:\r\nConnection: close\r\n"),
    "an open bracket in the host": get(b"Host: [::1\r\nConnection: close\r\n"),
    "bytes beyond ASCII in the host": get(b"Host: g\xe4teway\r\nConnection: close\r\n"),
    # header lines
    "a space before the colon": get(OK + b"X-Spaced : 1\r\n"),
    "a space in a name": get(OK + b"X Spaced: 1\r\n"),
    "a folded line": get(OK + b"X-Folded: 1\r\n 2\r\n"),
    "a leading space": GET + b" " + OK + b"\r\n",
    "no colon": get(OK + b"nonsense\r\n"),
    "an empty name": get(OK + b": 1\r\n"),
    "a NUL in a value": get(OK + b"X-Nul: a\x00b\r\n"),
    "a bare CR in a value": get(OK + b"X-Cr: a\rb\r\n"),
    "a bell in a value": get(OK + b"X-Bell: a\x07b\r\n"),
    "bare LF line ends": b"GET /healthz HTTP/1.1\nHost: gateway.test\n\n",
    "a header too long": get(OK + b"X-Long: " + b"a" * 9000 + b"\r\n"),
    "too many headers": get(OK + b"".join(b"X-%d: 1\r\n" % i for i in range(200))),
    "two authorizations": get(OK + b"Authorization: Basic YTpi\r\n" * 2),
    "an unknown expectation": post(b"Content-Length: 3\r\nExpect: 200-maybe\r\n", b"abc"),
    # the body's length
    "chunked and a length": post(CHUNKED + b"Content-Length: 3\r\n", b"0\r\n\r\n"),
    "a length and chunked": post(b"Content-Length: 3\r\n" + CHUNKED, b"0\r\n\r\n"),
    "two lengths": post(b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd"),
    "the same length twice": post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"),
    "a list of lengths": post(b"Content-Length: 3, 3\r\n", b"abc"),
    "a signed length": post(b"Content-Length: +3\r\n", b"abc"),
    "a negative length": post(b"Content-Length: -3\r\n", b"abc"),
    "a hexadecimal length": post(b"Content-Length: 0x3\r\n", b"abc"),
    "a length with an underscore": post(b"Content-Length: 1_0\r\n", b"0123456789"),
    "an empty length": post(b"Content-Length:\r\n", b"abc"),
    "a length beyond 64 bits": post(b"Content-Length: 99999999999999999999\r\n", b"abc"),
    "chunked in HTTP/1.0": b"POST /swallow HTTP/1.0\r\n" + OK + CHUNKED + b"\r\n0\r\n\r\n",
    "identity": post(b"Transfer-Encoding: identity\r\n", b"abc"),
    "gzip": post(b"Transfer-Encoding: gzip\r\n", b"abc"),
    "gzip and chunked": post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"),
    "chunked and gzip": post(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n"),
    "chunked twice": post(CHUNKED * 2, b"0\r\n\r\n"),
    "chunked twice in a list": post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"),
    "capital Chunked": post(b"Transfer-Encoding: Chunked\r\n", b"0\r\n\r\n"),
    "quoted chunked": post(b'Transfer-Encoding: "chunked"\r\n', b"0\r\n\r\n"),
    "chunked with a parameter": post(b"Transfer-Encoding: chunked;q=1\r\n", b"0\r\n\r\n"),
    "a vertical tab before chunked": post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"),
    "xchunked": post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
    "an empty coding": post(b"Transfer-Encoding:\r\n", b"abc"),
    "a chunk size that is none": post(CHUNKED, b"z\r\nabc\r\n0\r\n\r\n"),
    "a negative chunk size": post(CHUNKED, b"-3\r\nabc\r\n0\r\n\r\n"),
    "a chunk size with 0x": post(CHUNKED, b"0x3\r\nabc\r\n0\r\n\r\n"),
    "a chunk size with a space": post(CHUNKED, b"3 \r\nabc\r\n0\r\n\r\n"),
    "a chunk size beyond 64 bits": post(CHUNKED, b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
    "a chunk longer than told": post(CHUNKED, b"3\r\nabcdef\r\n0\r\n\r\n"),
    "a bare LF after a chunk size": post(CHUNKED, b"3\nabc\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("name", SERVED)
async def test_a_request_with_one_meaning_is_served(gateway: SmallGateway, name: str) -> None:
    reply = await gateway.raw(SERVED[name])

    assert reply is not None
    assert reply.status == 200
    assert len(gateway.reached) == 1


@pytest.mark.parametrize("name", REFUSED)
async def test_an_ambiguous_request_is_refused_and_its_connection_ends(
    gateway: SmallGateway, name: str
) -> None:
    reader, writer = await gateway.connect()
    ambiguous = REFUSED[name].replace(b"Connection: close\r\n", b"")
    # What follows must not become a request; if the first one says that it is the last, aiohttp
    # refuses all of them.
    writer.write(ambiguous + get(b"Host: gateway.test\r\n") + get())
    async with asyncio.timeout(20):
        answered = await reader.read()
    writer.close()

    statuses = [line.split(b" ")[1] for line in answered.split(b"\r\n") if line[:5] == b"HTTP/"]
    assert statuses in ([b"400"], [b"405"], [b"414"], [b"431"], [])
    assert b"aiohttp" not in answered
    assert "GET /healthz" not in gateway.reached


async def test_a_body_beyond_the_limit_is_refused(gateway: SmallGateway) -> None:
    told = await gateway.ask("/swallow", method="POST", body=b"x" * 1001)
    untold = await gateway.raw(post(CHUNKED, b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"))

    assert (told.status, untold.status) == (413, 413)


TOO_MUCH = {
    "a long target": b"414",
    "a header too long": b"431",
    "too many headers": b"431",
}


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_what_is_too_long_is_told_apart_from_what_is_malformed(
    gateway: SmallGateway, name: str
) -> None:
    reply = await gateway.raw(REFUSED[name])

    assert reply is not None
    assert str(reply.status).encode() == TOO_MUCH[name]
    assert b"At most" in reply.body
    assert b"aaaa" not in reply.body


async def test_the_longest_target_and_header_that_are_read_are_served(
    gateway: SmallGateway,
) -> None:
    long = b"a" * (8192 - len("/healthz?"))
    target = await gateway.raw(b"GET /healthz?" + long + b" HTTP/1.1\r\n" + OK + b"\r\n")
    header = await gateway.raw(get(OK + b"X-Long: " + b"a" * (8190 - len("X-Long")) + b"\r\n"))

    assert target is not None
    assert header is not None
    assert (target.status, header.status) == (200, 200)


KNOWN = ("gateway.test", "GATEWAY.Test:1", "gateway.test.", "127.0.0.1:8300", "192.0.2.1",
         "[::1]:80", "[2001:db8::1]", "localhost", "LOCALHOST:8300", "tb.localhost")  # fmt: skip
UNKNOWN = ("evil.test", "gateway.test.evil.test", "evil-gateway.test", "localhost.evil.test",
           "evillocalhost", "127.0.0.1.evil.test", "0x7f.1", "h")  # fmt: skip


@pytest.mark.parametrize(
    ("host", "status"), [*((name, 200) for name in KNOWN), *((name, 421) for name in UNKNOWN)]
)
async def test_names_that_somebody_else_made_point_here_are_refused(
    start_gateway: StartGateway, host: str, status: int
) -> None:
    gateway = await start_gateway(names=("Gateway.test",))

    reply = await gateway.raw(get(f"Host: {host}\r\nConnection: close\r\n".encode()))

    assert reply is not None
    assert reply.status == status


async def test_who_is_refused_by_name_is_told_what_to_set(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(names=())

    reply = await gateway.ask("/api/v1/boards")

    assert reply.status == 421
    assert 'allowed_hosts = ["gateway.test"]' in reply.json()["hint"]
    assert gateway.reached == []


@pytest.mark.parametrize("name", ["ml_server", "a_b.localhost", "ML_SERVER:8300"])
async def test_names_that_no_policy_can_name_are_refused(
    start_gateway: StartGateway, name: str
) -> None:
    """By them boards would not be kept apart: even those that are set do not count."""
    gateway = await start_gateway(names=("ml_server",))

    reply = await gateway.raw(get(f"Host: {name}\r\nConnection: close\r\n".encode()))

    assert reply is not None
    assert reply.status == 421
    assert b"Browsers cannot keep boards apart by a name with '_'" in reply.body


async def test_a_forwarded_name_must_be_known_as_well(
    start_gateway: StartGateway, trusting: Origins
) -> None:
    gateway = await start_gateway(origins=trusting)

    for name, status in (("example.org", 200), ("evil.test", 421)):
        reply = await gateway.ask("/healthz", headers={"X-Forwarded-Host": name})
        assert reply.status == status


async def test_the_control_socket_is_asked_by_any_name(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(names=())

    reply = await gateway.by_control(get(b"Host: whatever\r\nConnection: close\r\n"))

    assert reply is not None
    assert reply.status == 200


@pytest.mark.parametrize("path", ["/healthz", "/boards/vision/sw.js"])
async def test_no_service_worker_is_handed_out(gateway: SmallGateway, path: str) -> None:
    login = basic("vision-user", "vision-password")

    reply = await gateway.ask(path, auth=login, headers={"Service-Worker": "script"})

    assert reply.status == 403
    assert gateway.fake("vision").requests == []


async def test_the_external_prefix_is_taken_off(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(origins=Origins(public_url="https://example.org/team/tb/"))

    with_prefix = await gateway.ask("/team/tb/healthz")
    without = await gateway.ask("/healthz")
    bare = await gateway.ask("/team/tb?x=1")
    lookalike = await gateway.ask("/team/tbx/healthz")

    assert with_prefix.json()["url"] == without.json()["url"] == "https://example.org/team/tb"
    assert (bare.status, bare.header("Location")) == (307, "tb/?x=1")
    assert lookalike.status == 404
