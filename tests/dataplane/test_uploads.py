"""Bodies that arrive slowly, or too much of them at once."""

import asyncio
from typing import Any

import pytest
from raw_http import PATIENCE, read_reply, until
from small_gateway import CLOSE, SmallGateway, StartGateway, head_of
from small_house import basic

from tbgateway.dataplane.uploads import Uploads

SLOW = head_of(method="POST") + CLOSE + b"Content-Length: 5000\r\n\r\nx"


async def test_those_who_send_slowly_keep_nobody_from_the_board(gateway: SmallGateway) -> None:
    writers = []
    for _ in range(20):
        _, writer = await gateway.connect()
        writer.write(SLOW)
        writers.append(writer)
    await until(lambda: len(gateway.visits) == len(writers))

    reply = await gateway.raw(head_of("/boards/vision/y") + CLOSE + b"\r\n")

    assert reply.status == 200
    assert gateway.fake("vision").targets == ["/y"]
    for writer in writers:
        writer.close()


async def test_a_body_reaches_the_board_when_it_is_whole(gateway: SmallGateway) -> None:
    reader, writer = await gateway.connect()
    writer.write(SLOW)
    await until(lambda: gateway.visits)
    writer.write(b"y" * 4999)
    reply = await read_reply(reader)
    writer.close()

    assert reply.json()["body"] == "x" + "y" * 4999


async def test_a_body_that_keeps_arriving_bit_by_bit_is_given_up(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(uploads=Uploads(patience=0.2))
    reader, writer = await gateway.connect()
    writer.write(SLOW)
    answer = asyncio.ensure_future(read_reply(reader))

    async with asyncio.timeout(PATIENCE):
        while not answer.done():
            writer.write(b"x")
            await asyncio.sleep(0.01)
    writer.close()

    assert (await answer).status == 400
    assert b"did not arrive within 0.2 s" in (await answer).body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_nobody_waits_for_a_body_that_means_nothing(
    gateway: SmallGateway, method: str
) -> None:
    request = head_of(method=method) + CLOSE + b"Content-Length: 9\r\n\r\nx"

    reply = await gateway.raw(request, head=method == "HEAD")

    assert reply.status == 200


async def test_one_boards_bodies_have_so_much_room_together(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(uploads=Uploads(room=10))
    go_on = asyncio.Event()

    async def wait(_head: bytes, reader: asyncio.StreamReader, writer: Any) -> None:
        await reader.readexactly(8)
        await go_on.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    async def send(board: str) -> int:
        auth = basic(f"{board}-user", f"{board}-password")
        reply = await gateway.ask(f"/boards/{board}/x", method="POST", auth=auth, body=b"x" * 8)
        return reply.status

    gateway.fake("vision").answer = wait
    first = asyncio.ensure_future(send("vision"))
    await until(lambda: gateway.fake("vision").requests)

    assert await send("vision") == 503
    assert await send("audio") == 200
    go_on.set()
    assert await first == 204
    assert await send("vision") == 204
