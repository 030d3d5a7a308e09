"""The framing cases through nginx with its documented WebSocket configuration, to the same boards.

nginx mends some of them and refuses others. Whatever it makes of one, nothing that was hidden in
it may become a request: what reaches boards is what nginx says it was asked. And who comes next
by the same connections gets his own answer.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio
from edge_cases import conformance, framing, heads
from edge_cases.case import Arrives, Case, get
from edge_cases.edge import LULL, PATIENCE, Edge, talk
from edge_cases.judging import answers
from edge_cases.wire_board import Arrived
from nginx_process import NginxInFront

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

SITE = """
map $http_upgrade $connection_upgrade {{
    default upgrade;
    ''      {without};
}}

upstream gateway {{
    server 127.0.0.1:8300;
    {keepalive}
}}

server {{
    listen 80;
    location / {{
        proxy_pass http://gateway;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header Host $http_host;
        {more}
    }}
}}
"""
"""https://nginx.org/en/docs/http/websocket.html, with the Host that the gateway has to see."""

WAYS = {
    "as documented": SITE.format(without="close", keepalive="", more=""),
    # Connections that clients share: where one client's bytes could become another's request.
    "with shared connections": SITE.format(without="''", keepalive="keepalive 1;", more=""),
    "with bodies passed on as they come": SITE.format(
        without="''", keepalive="keepalive 1;", more="proxy_request_buffering off;"
    ),
}
CASES = (
    *framing.CONTROLS,
    *framing.REFUSED,
    *heads.CONTROLS,
    *heads.REFUSED,
    *conformance.UPGRADES,
    *conformance.PIPELINES,
)
REFUSED_BY_NGINX = {"a length with white space around it"}  # a tab; the RFC allows it
VICTIM = get(b"Connection: close\r\n", b"/victim")


@dataclass(frozen=True)
class Behind:
    """Boards behind the gateway behind nginx, and what nginx says it was asked."""

    edge: Edge
    front: NginxInFront

    async def agree(
        self, arrived: list[Arrived], seen_before: int, patience: float = PATIENCE
    ) -> None:
        """Wait until nginx has logged as many requests as arrived: each of them, and no more."""
        got = Counter(one.line for one in arrived)
        async with asyncio.timeout(patience):
            while True:
                logged = [line.split(" ", 1) for line in self.front.seen()[seen_before:]]
                asked = Counter(_below(line) for _, line in logged)
                served = Counter(_below(line) for status, line in logged if status == "200")
                if got <= asked and served <= got:
                    return
                await asyncio.sleep(0.05)


def _below(line: str) -> bytes:
    return line.replace(" /boards/vision/", " /", 1).encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=WAYS)
async def behind(
    request: pytest.FixtureRequest, edge: Edge, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Behind]:
    with NginxInFront(tmp_path_factory.mktemp("nginx")) as front:
        start = partial(front.start, upstream=f"127.0.0.1:{edge.port}", site=WAYS[request.param])
        await asyncio.to_thread(start)
        yield Behind(Edge(front.port, edge.wire, LULL), front)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_nginx_and_the_gateway_read_the_same_requests(behind: Behind, case: Case) -> None:
    seen_before = len(behind.front.seen())
    outcome = await behind.edge.try_(case)
    await behind.agree(outcome.arrived, seen_before)
    assert b"HTTP/1.1 101" not in outcome.answered  # at which nginx would become a tunnel
    if case.name in REFUSED_BY_NGINX:
        assert outcome.arrived == []
    elif isinstance(case.expected, Arrives):
        body = case.expected.body or b""
        assert outcome.requests()[0] == ("vision", case.expected.line, body)

    (told,) = answers(await talk(behind.edge.port, VICTIM))
    assert (told.status, told.body) == (200, b"vision got GET /victim")
    (victim,) = await behind.edge.wire.take()
    assert bytes(victim.raw) == b"GET /victim HTTP/1.1\r\nHost: tb\r\nConnection: close\r\n\r\n"


async def test_a_request_that_nginx_knows_nothing_of_is_found_out(behind: Behind) -> None:
    hidden = Arrived("vision", bytearray(b"GET /smuggled HTTP/1.1\r\n\r\n"))
    with pytest.raises(TimeoutError):
        await behind.agree([hidden], len(behind.front.seen()), patience=0.2)
