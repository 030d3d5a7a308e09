"""Methods, targets, hops, upgrades, connections, pipelines and expectations, by their RFCs."""

import asyncio

import pytest
from edge_cases import conformance
from edge_cases.case import AUTH, BELOW, HOST, Case
from edge_cases.edge import PATIENCE, Edge
from edge_cases.judging import answers, wrongs

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SAYS_CONTINUE = b"Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("case", conformance.ALL, ids=str)
async def test_the_gateway_does_what_the_rfc_says(edge: Edge, case: Case) -> None:
    assert wrongs(case, await edge.try_(case)) == []


async def test_a_body_is_asked_for_only_when_its_sender_may_send_it(edge: Edge) -> None:
    """RFC 9110 §10.1.1: 100 tells the client to go on; a final status, that it need not."""
    for fields, first in ((AUTH, b"HTTP/1.1 100"), (b"", b"HTTP/1.1 401")):
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"POST " + BELOW + b"/case HTTP/1.1\r\n" + HOST + fields + _SAYS_CONTINUE)
        async with asyncio.timeout(PATIENCE):
            heard = await reader.readuntil(b"\r\n\r\n")
            assert heard.startswith(first)
            assert edge.wire.arrived == []
            writer.write(b"abc")
            await reader.read()
        writer.close()
        await writer.wait_closed()
        assert [one.body for one in await edge.wire.take()] == ([b"abc"] if fields else [])


async def test_a_head_that_comes_byte_by_byte_is_the_same_head(edge: Edge) -> None:
    """RFC 9112 §2.2: where TCP cuts a message means nothing."""
    sent = b"POST " + BELOW + b"/case HTTP/1.1\r\n" + HOST + AUTH + b"Content-Length: 3\r\n\r\nabc"
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    for one in sent:
        writer.write(bytes([one]))
        await writer.drain()
        await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        heard = await reader.readuntil(b"POST /case")
    writer.close()
    await writer.wait_closed()
    assert answers(heard)[0].status == 200
    assert [(one.line, one.body) for one in await edge.wire.take()] == [(b"POST /case", b"abc")]
