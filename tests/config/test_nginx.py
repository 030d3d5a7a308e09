"""The shipped nginx configuration, in a real nginx, in front of a server that tells what it got."""

import asyncio
import json
import re
import tomllib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from nginx_process import NginxInFront, at_the_root, shipped_site

from tbgateway.settings import Boards, Server

pytestmark = pytest.mark.slow
PATIENCE = 30


@dataclass
class Origin:
    """A server that answers every request with what it received."""

    port: int = 0
    targets: list[str] = field(default_factory=list)
    peers: set[tuple[str, int]] = field(default_factory=set)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    first_chunk: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        target = request.raw_path
        self.targets.append(target)
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername"))
        if target.endswith("/redirect"):
            return web.Response(status=308, headers={"Location": "../boards/vision/"})
        if "/events" in target:
            return await self._stream(request)
        length = 0
        async for chunk in request.content.iter_any():
            length += len(chunk)
            self.first_chunk.set()
        told = {
            "target": target,
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
            "length": length,
        }
        return web.json_response(told)

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: first\n\n")
        await self.goes_on.wait()
        await response.write(b"data: second\n\n")
        await response.write_eof()
        return response


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    served = Origin()
    runner = web.ServerRunner(web.Server(served.handle), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.port = runner.addresses[0][1]
    yield served
    await runner.cleanup()


@pytest.fixture
async def nginx(origin: Origin, tmp_path: Path) -> AsyncIterator[NginxInFront]:
    with NginxInFront(tmp_path / "nginx") as front:
        await asyncio.to_thread(front.start, upstream=f"127.0.0.1:{origin.port}")
        yield front


async def ask(
    nginx: NginxInFront, target: str, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Send exactly this request target and return status, headers and body."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", nginx.port)
        sent = {"Host": "example.org:8443", "Connection": "close", **(headers or {})}
        lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in fields)
    return int(status.split()[1]), {name.lower(): value for name, value in pairs}, body


async def echo(nginx: NginxInFront, target: str, headers: Mapping[str, str] | None = None) -> Any:
    """Return what the server behind nginx received."""
    status, _, body = await ask(nginx, target, headers)
    assert status == 200, body
    return json.loads(body)


@pytest.mark.parametrize(
    "target",
    [
        "/team/tb/",
        "/team/tb/boards/vision/",
        "/team/tb/boards/vision/data/plugin/scalars/tags?run=a%2Fb&tag=c+d%20e",
        "/team/tb/a%2Fb",
        "/team/tb/a%2fb",
        "/team/tb/a%20b",
        "/team/tb/%C3%A9t%C3%A9",
        "/team/tb/%7Ea%5Fb",
        "/team/tb//boards",
        "/team/tb/boards//vision",
        "/team/tb/a/../b",
        "/team/tb/%2e/b",
        "/team/tb/a;b=c",
        "/team/tb/a%25b?x=%26&y=?",
        "/team/tb/a:b@c,d'e!f(g)*h",
    ],
)
async def test_paths_are_forwarded_byte_by_byte(nginx: NginxInFront, target: str) -> None:
    assert (await echo(nginx, target))["target"] == target


@pytest.mark.parametrize(
    "target", ["/", "/team", "/team/tbx/", "/other", "/team/tb/../x", "/team/tb/%2e%2e/x"]
)
async def test_what_lies_outside_of_the_prefix_never_arrives(
    nginx: NginxInFront, origin: Origin, target: str
) -> None:
    status, _, _ = await ask(nginx, target)

    assert status == 404
    assert origin.targets == []


async def test_the_gateway_learns_who_asks_for_which_host(nginx: NginxInFront) -> None:
    told = await echo(
        nginx,
        "/team/tb/",
        {
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "gopher",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Prefix": "/evil",
            "Forwarded": "for=203.0.113.9",
            "X_Forwarded_For": "203.0.113.9",
        },
    )

    values: dict[str, list[str]] = {}
    for name, value in told["headers"]:
        values.setdefault(name, []).append(value)
    assert values["host"] == ["example.org:8443"]
    assert values["x-forwarded-for"] == ["203.0.113.9, 127.0.0.1"]
    assert values["x-forwarded-proto"] == ["http"]
    assert values["x-forwarded-host"] == ["example.org:8443"]
    assert values["x-forwarded-prefix"] == ["/team/tb"]
    assert not {"forwarded", "x_forwarded_for", "connection"} & set(values)


async def test_credentials_pass_untouched(nginx: NginxInFront) -> None:
    told = await echo(nginx, "/team/tb/boards/vision/", {"Authorization": "Basic w6k6w6k="})

    assert ["authorization", "Basic w6k6w6k="] in told["headers"]


async def test_the_prefix_without_its_slash_is_redirected_whatever_the_outer_address(
    nginx: NginxInFront, origin: Origin
) -> None:
    status, headers, _ = await ask(nginx, "/team/tb?x=1")

    assert (status, headers["location"]) == (308, "/team/tb/?x=1")
    assert origin.targets == []


async def test_relative_redirects_stay_relative(nginx: NginxInFront) -> None:
    status, headers, _ = await ask(nginx, "/team/tb/redirect")

    assert (status, headers["location"]) == (308, "../boards/vision/")


async def test_events_arrive_one_by_one(nginx: NginxInFront, origin: Origin) -> None:
    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession() as session,
        session.get(f"{nginx.url}/api/v1/events?board=tb01") as response,
    ):
        assert await response.content.readuntil(b"\n\n") == b"data: first\n\n"
        origin.goes_on.set()
        assert await response.content.read() == b"data: second\n\n"
    assert origin.targets == ["/team/tb/api/v1/events?board=tb01"]


async def test_uploads_are_passed_on_while_they_come_in(
    nginx: NginxInFront, origin: Origin
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        await origin.first_chunk.wait()
        for _ in range(40):
            yield b"x" * 100_000

    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession() as session,
        session.put(f"{nginx.url}/upload", data=body()) as response,
    ):
        assert response.status == 200
        assert (await response.json())["length"] == 4_001_000


async def test_connections_to_the_gateway_stay_open(nginx: NginxInFront, origin: Origin) -> None:
    for _ in range(5):
        await ask(nginx, "/team/tb/")

    assert len(origin.targets) == 5
    assert len(origin.peers) < 5


async def test_the_changes_marked_in_the_file_serve_the_root_of_a_host(
    origin: Origin, tmp_path: Path
) -> None:
    site = at_the_root(shipped_site())
    with NginxInFront(tmp_path / "nginx") as front:
        await asyncio.to_thread(front.start, upstream=f"127.0.0.1:{origin.port}", site=site)
        told = await echo(front, "/boards/a%2Fb", {"X-Forwarded-Prefix": "/evil"})

    assert told["target"] == "/boards/a%2Fb"
    assert "x-forwarded-prefix" not in {name for name, _ in told["headers"]}
    assert "/team/tb" not in "".join(
        line for line in site.splitlines() if not line.lstrip().startswith("#")
    )


def test_the_settings_the_file_asks_for_exist() -> None:
    commented = re.findall(r"^#   (.+)$", shipped_site(), re.MULTILINE)
    server = Server(**tomllib.loads("\n".join(commented))["server"])

    assert server.public_url is not None
    assert server.public_url.endswith("/team/tb")
    assert "server 127.0.0.1:8300;" in shipped_site()
    assert server.listen == ("127.0.0.1:8300",)


def test_the_gateway_gives_up_before_nginx_does() -> None:
    (patience,) = re.findall(r"^    proxy_read_timeout (\d+)s;", shipped_site(), re.MULTILINE)

    assert float(patience) > max(Boards().wake_timeout, Boards().start_timeout)
