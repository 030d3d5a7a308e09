"""Which headers pass, as a whole exchange and one by one."""

from typing import Any

import pytest
from raw_board import says
from small_gateway import SmallGateway
from small_house import basic

from tbgateway.dataplane.passing_headers import from_board, to_board

SENT = (
    ("Accept", "text/html"),
    ("Accept-Encoding", "gzip, br"),
    ("Accept-Language", "de, en;q=0.5"),
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("If-None-Match", '"1"'),
    ("Range", "bytes=0-9"),
    ("User-Agent", "a browser"),
    ("X-Several", "1"),
    ("X-Several", "2"),
    ("Referer", "http://gateway.test/boards/vision/?x=\u00fc"),
)
STOPPED = (
    ("Connection", "close, X-Private"),
    ("Cookie", "session=1"),
    ("Forwarded", "for=192.0.2.1"),
    ("Keep-Alive", "timeout=5"),
    ("Proxy-Authorization", "Basic eDp5"),
    ("X-API-Key", "tbg_1_2"),
    ("Proxy-Connection", "keep-alive"),
    ("TE", "trailers"),
    ("Trailer", "X-Checksum"),
    ("Upgrade", "h2c"),
    ("Via", "1.1 somebody"),
    ("X-Forwarded-For", "192.0.2.1"),
    ("X-Forwarded-Host", "evil.test"),
    ("X-Forwarded-Prefix", "/evil"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-User", "admin"),
    ("X-Private", "1"),
    ("X-Real-IP", "192.0.2.1"),
    ("X_Forwarded_For", "192.0.2.1"),
    ("Content_Length", "5"),
)


async def test_a_board_gets_the_clients_headers_but_no_secrets(gateway: SmallGateway) -> None:
    auth = basic("vision-user", "vision-password")
    lines = [f"{name}: {value}" for name, value in (*SENT, *STOPPED)]
    request = "\r\n".join(
        ["GET /boards/vision/ HTTP/1.1", "Host: h", f"Authorization: {auth}", *lines, "", ""]
    )

    reply = await gateway.raw(request.encode())

    arrived = [(name, value) for name, value in reply.json()["headers"] if name != "Host"]
    expected = [(name, value.encode().decode("latin-1")) for name, value in SENT]
    assert arrived == [*expected, ("Connection", "close")]


async def test_a_client_gets_no_header_that_is_the_gateways_own(gateway: SmallGateway) -> None:
    async def answer(_head: bytes, _reader: object, writer: Any) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nServer: Werkzeug/3.1 Python/3.11\r\n"
            b"Connection: close, ETag\r\nETag: 1\r\nKeep-Alive: timeout=5\r\n"
            b"X-Request-ID: theirs\r\nX-Several: 1\r\n"
            b"Content-Security-Policy: default-src 'self'\r\nX-Frame-Options: DENY\r\n"
            b"Content-Type: text/html\r\nVary: a\r\nVary: b\r\nCache-Control: no-cache\r\n"
            b"Content-Length: 2\r\n\r\nok"
        )

    gateway.fake("vision").answer = answer
    reply = await gateway.ask("/boards/vision/", auth=basic("vision-user", "vision-password"))

    names = {name for name, _ in reply.headers}
    assert not names & {"ETag", "Keep-Alive", "X-Several"}
    assert reply.header("Server") == "tbgateway"
    assert reply.header("Connection") == "close"
    assert reply.header("X-Request-ID") != "theirs"
    assert reply.header("Content-Security-Policy").startswith("default-src 'self', default-src ")
    assert reply.header("X-Frame-Options") == "DENY"
    assert reply.header("Vary") == "a, b"
    assert reply.header("Cache-Control") == "no-cache"


SPEAKING_FOR_THE_ORIGIN = (
    "Accept-CH: UA",
    "Access-Control-Allow-Origin: *",
    "Activate-Storage-Access: load",
    "Alt-Svc: h2=':1'",
    "Clear-Site-Data: '*'",
    "Content-Security-Policy-Report-Only: default-src 'none'; report-uri /api/v1/boards",
    "Cross-Origin-Embedder-Policy: require-corp",
    "Cross-Origin-Opener-Policy: unsafe-none",
    "Link: </api/v1/boards>; rel=preload; as=fetch",
    "NEL: {}",
    "Origin-Agent-Cluster: ?1",
    "Refresh: 0; url=/",
    "Report-To: {}",
    "Reporting-Endpoints: x='/api/v1/boards'",
    "Service-Worker-Allowed: /",
    "Set-Cookie: a=b",
    "Set-Login: logged-out",
    "SourceMap: /api/v1/boards",
    "Speculation-Rules: '/rules.json'",
    "Strict-Transport-Security: max-age=1",
    "Use-As-Dictionary: match='/*'",
    "WWW-Authenticate: Basic realm='x'",
    "X-Accel-Redirect: /secret",
    "X-Sendfile: /etc/passwd",
    "X-Never-Heard-Of: 1",
)


@pytest.mark.parametrize("line", SPEAKING_FOR_THE_ORIGIN)
async def test_a_board_speaks_for_nobody_but_itself(gateway: SmallGateway, line: str) -> None:
    name, _, value = line.partition(": ")
    head = f"HTTP/1.1 200 OK\r\n{line}\r\nContent-Length: 2\r\n\r\nok"
    gateway.fake("vision").answer = says(head.encode())

    reply = await gateway.ask("/boards/vision/", auth=basic("vision-user", "vision-password"))

    assert reply.status == 200
    assert value not in (reply.header(name) or "")


def test_what_cannot_be_sent_on_as_it_came_is_dropped() -> None:
    raw = [(b"Referer", b"caf\xe9"), (b"X-Good", "café".encode())]

    assert to_board(raw) == [raw[1]]
    assert from_board([(b"ETag", b"caf\xe9"), (b"Content-Disposition", "é".encode())]) == [
        ("Content-Disposition", "é")
    ]


@pytest.mark.parametrize("name", [b"connection", b"CONNECTION", b"Connection"])
def test_every_connection_line_is_read(name: bytes) -> None:
    raw = [(name, b"close"), (name, b" A ,b"), (b"a", b"1"), (b"B", b"2"), (b"c", b"3")]

    assert to_board(raw) == [(b"c", b"3")]
