"""What the world gets to see of errors."""

import asyncio

from raw_http import read_reply
from small_gateway import SmallGateway
from structlog.testing import capture_logs


async def test_an_unexpected_error_shows_its_id_only(gateway: SmallGateway) -> None:
    with capture_logs() as logs:
        reply = await gateway.ask("/fail")

    request_id = reply.header("X-Request-ID")
    assert reply.status == 500
    assert request_id.encode() in reply.body
    assert b"secret" not in reply.body
    assert b"ZeroDivisionError" not in reply.body
    (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert entry["exc_info"]


async def test_after_the_headers_the_connection_is_cut(gateway: SmallGateway) -> None:
    reader, writer = await gateway.connect()
    writer.write(b"GET /fail-late HTTP/1.1\r\nHost: h\r\n\r\n" * 2)

    answered = b""
    async with asyncio.timeout(20):
        try:
            while data := await reader.read(1000):
                answered += data
        except ConnectionError:
            pass
    writer.close()

    assert answered.count(b"HTTP/1.1") <= 1
    assert not answered.endswith(b"\r\n0\r\n\r\n")
    assert b"Internal" not in answered


async def test_programs_get_problems_and_people_pages(gateway: SmallGateway) -> None:
    page = await gateway.ask("/nowhere", headers={"Accept": "text/html"})
    api = await gateway.ask("/api/v1/boards", headers={"Accept": "text/html"})

    assert page.header("Content-Type").startswith("text/html")
    assert api.header("Content-Type").startswith("application/problem+json")
    assert api.json()["code"] == "unauthenticated"


async def test_gradients_client_gets_what_it_prints(gateway: SmallGateway) -> None:
    unknown = await gateway.ask("/tensorboards/v1/x/y", headers={"Accept": "text/html"})
    unread = await gateway.ask("/tensorboards//")

    for reply in (unknown, unread):
        assert reply.header("Content-Type").startswith("application/problem+json")
        assert "title" not in reply.json()
    assert unknown.json()["message"] == "There is no such page. The boards are listed at /"
    assert unread.json()["message"].startswith("The request target is refused")


async def test_a_connection_survives_a_refusal(gateway: SmallGateway) -> None:
    reader, writer = await gateway.connect()
    for _ in range(2):
        writer.write(b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await read_reply(reader)).status == 404
    writer.close()


async def test_a_client_that_leaves_within_its_body_is_no_error(gateway: SmallGateway) -> None:
    with capture_logs() as logs:
        _, writer = await gateway.connect()
        writer.write(b"POST /swallow HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc")
        async with asyncio.timeout(20):
            while "swallow" not in gateway.reached:
                await asyncio.sleep(0.005)
        writer.close()
        async with asyncio.timeout(20):
            while not any(entry["event"] == "request" for entry in logs):
                await asyncio.sleep(0.005)

    assert [entry["log_level"] for entry in logs if entry["log_level"] == "error"] == []
    assert [entry["status"] for entry in logs if entry["event"] == "request"] == [499]


async def test_a_member_is_refused_on_a_page_that_leads_on(gateway: SmallGateway) -> None:
    vera = {"Accept": "text/html", "Authorization": f"Bearer {gateway.tokens['vera']}"}

    refused = await gateway.ask("/boards/audio/", headers=vera)
    stranger = await gateway.ask("/boards/audio/", headers={"Accept": "text/html"})

    assert (refused.status, stranger.status) == (403, 401)
    assert b"ui/account" in refused.body
    assert b"ui/account" not in stranger.body
