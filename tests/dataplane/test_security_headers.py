"""What every answer of the gateway itself carries, and no answer of a board."""

import pytest
from aiohttp import web
from raw_http import read_reply
from small_gateway import SmallGateway
from small_house import basic

from tbgateway.dataplane.security_headers import secure

EVERYWHERE = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Server": "tbgateway",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /fail HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /fail-late HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /boards/vision/ HTTP/1.1\r\nHost: h\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_every_answer_of_our_own_is_careful(gateway: SmallGateway, raw: bytes) -> None:
    reader, writer = await gateway.connect()
    writer.write(raw)
    reply = await read_reply(reader, head=True)
    writer.close()

    for name, value in EVERYWHERE.items():
        assert reply.header(name) == value, name
    policy = reply.header("Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy
    assert reply.header("X-Request-ID")


def test_what_a_handler_says_itself_stays() -> None:
    response = web.Response(headers={"Cache-Control": "public, immutable"})

    secure(response)

    assert response.headers["Cache-Control"] == "public, immutable"
    assert response.headers["X-Frame-Options"] == "DENY"


async def test_a_board_speaks_for_itself(gateway: SmallGateway) -> None:
    reply = await gateway.ask("/boards/vision/", auth=basic("vision-user", "vision-password"))

    assert reply.header("Content-Security-Policy") == "default-src 'self' tensorboard"
    assert reply.header("X-Frame-Options") == "SAMEORIGIN"
    assert reply.header("Cross-Origin-Opener-Policy") is None
    assert reply.header("Server") == "tbgateway"
