"""Which headers pass, as a whole exchange and one by one."""

from typing import Any

import pytest
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
            b"HTTP/1.1 200 OK\r\nServer: Werkzeug/3.1 Python/3.11\r\nSet-Cookie: a=b\r\n"
            b"Connection: close, X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=5\r\n"
            b'WWW-Authenticate: Basic realm="x"\r\nClear-Site-Data: "*"\r\n'
            b"Service-Worker-Allowed: /\r\nX-Request-ID: theirs\r\n"
            b"Content-Security-Policy: default-src 'self'\r\nX-Frame-Options: SAMEORIGIN\r\n"
            b"Content-Type: text/html\r\nX-Several: 1\r\nX-Several: 2\r\n"
            b"Content-Length: 2\r\n\r\nok"
        )

    gateway.fake("vision").answer = answer
    reply = await gateway.ask("/boards/vision/", auth=basic("vision-user", "vision-password"))

    names = sorted({name for name, _ in reply.headers} - {"Date"})
    assert names == sorted(
        {
            "Connection",
            "Content-Length",
            "Content-Security-Policy",
            "Content-Type",
            "Server",
            "X-Frame-Options",
            "X-Request-ID",
            "X-Several",
        }
    )
    assert reply.header("Server") == "tbgateway"
    assert reply.header("Connection") == "close"
    assert reply.header("X-Request-ID") != "theirs"
    assert reply.header("Content-Security-Policy") == "default-src 'self'"
    assert reply.header("X-Frame-Options") == "SAMEORIGIN"
    assert reply.header("X-Several") == "1, 2"


def test_what_cannot_be_sent_on_as_it_came_is_dropped() -> None:
    raw = [(b"Referer", b"caf\xe9"), (b"X-Good", "café".encode())]

    assert to_board(raw) == [("X-Good", "café")]
    assert from_board(raw) == [("X-Good", "café")]


@pytest.mark.parametrize("name", [b"connection", b"CONNECTION", b"Connection"])
def test_every_connection_line_is_read(name: bytes) -> None:
    raw = [(name, b"close"), (name, b" A ,b"), (b"a", b"1"), (b"B", b"2"), (b"c", b"3")]

    assert to_board(raw) == [("c", "3")]
