"""The shipped configurations of all proxies, in front of a server that tells what it got."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from other_proxies import CONFIG, Apache, Caddy, Haproxy, Nginx, ProxyInFront

PATIENCE = 30
KINDS = {"nginx": Nginx, "caddy": Caddy, "haproxy": Haproxy, "apache": Apache}
TARGETS = [
    "/",
    "/boards/vision/data/plugin/scalars/tags?run=a%2Fb&tag=c+d%20e",
    "/a%2Fb",
    "/a%2fb",
    "/a%20b",
    "/%C3%A9t%C3%A9",
    "/%7Ea%5Fb",
    "//boards",
    "/boards//vision",
    "/a;b=c",
    "/a%25b?x=%26&y=?",
    "/a:b@c,d'e!f(g)*h",
]

# Right behind the path of its ProxyPass, and only there, Apache takes several slashes for one,
# whatever it is told. The gateway refuses two in a row, so nothing that it serves is lost.
MERGED = {("apache2", "//boards"): "/boards"}


@dataclass
class Origin:
    """A server that answers every request with what it received."""

    address: str = ""
    targets: list[str] = field(default_factory=list)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    first_chunk: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.targets.append(request.raw_path)
        if request.raw_path.endswith("/events"):
            return await self._stream(request)
        length = 0
        async for chunk in request.content.iter_any():
            length += len(chunk)
            self.first_chunk.set()
        headers = [[name.lower(), value] for name, value in request.headers.items()]
        told = {"target": request.raw_path, "headers": headers, "length": length}
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
def home() -> Iterator[Path]:
    # Not tmp_path: the proxies' own users want to get at the socket.
    with tempfile.TemporaryDirectory(prefix="tbg") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(params=["tcp", "unix"])
async def origin(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Origin]:
    served = Origin()
    runner = web.ServerRunner(web.Server(served.handle), shutdown_timeout=1)
    await runner.setup()
    if request.param == "tcp":
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        served.address = str(runner.addresses[0][1])
    else:
        served.address = str(home / "http.sock")
        await web.UnixSite(runner, served.address).start()
        os.chmod(served.address, 0o666)  # noqa: PTH101, S103 - the proxy may be another user
    yield served
    await runner.cleanup()


@pytest.fixture(params=["below a path", "at the root"])
def root(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "at the root")


@pytest.fixture(params=KINDS)
async def front(
    request: pytest.FixtureRequest, origin: Origin, home: Path, *, root: bool
) -> AsyncIterator[ProxyInFront]:
    proxy = KINDS[request.param](home / "proxy", origin.address, root=root)
    await asyncio.to_thread(proxy.__enter__)
    yield proxy
    await asyncio.to_thread(proxy.__exit__)


async def connect(
    front: ProxyInFront, method: str, target: str, headers: Mapping[str, str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {one}" for name, one in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    return reader, writer


async def ask(
    front: ProxyInFront, target: str, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Send exactly this request target and return status, headers and body."""
    sent = {"Host": "example.org:8443", "Connection": "close", **(headers or {})}
    async with asyncio.timeout(PATIENCE):
        reader, writer = await connect(front, "GET", target, sent)
        answer = await reader.read()
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    pairs = dict(line.split(": ", 1) for line in fields)
    told = {name.lower(): value for name, value in pairs.items()}
    if told.get("transfer-encoding") == "chunked":
        size, _, rest = body.partition(b"\r\n")
        body = rest[: int(size, 16)]
    return int(status.split()[1]), told, body


async def echo(
    front: ProxyInFront, target: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what the server behind it received."""
    status, _, body = await ask(front, front.prefix + target, headers)
    assert status == 200, body
    told: dict[str, Any] = json.loads(body)
    return told


@pytest.mark.slow
async def test_paths_are_forwarded_byte_by_byte(front: ProxyInFront) -> None:
    for target in TARGETS:
        arrived = MERGED.get((front.program, target), target)
        assert (await echo(front, target))["target"] == front.prefix + arrived


@pytest.mark.slow
async def test_the_gateway_learns_who_asks_and_for_which_host(front: ProxyInFront) -> None:
    made_up = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=203.0.113.9;host=evil.example",
        "Authorization": "Basic YWRhOnNlY3JldA==",
        "Cookie": "a=b",
    }
    received = (await echo(front, "/x", made_up))["headers"]
    told: dict[str, list[str]] = {}
    for name, value in received:
        told.setdefault(name, []).append(value)

    assert told["host"] == ["example.org:8443"]
    assert told["authorization"] == ["Basic YWRhOnNlY3JldA=="]
    assert told["cookie"] == ["a=b"]
    assert ",".join(told["x-forwarded-for"]).split(",")[-1].strip() == "127.0.0.1"
    assert told["x-forwarded-proto"] == ["http"]
    assert told.get("x-forwarded-host", ["example.org:8443"]) == ["example.org:8443"]
    assert told.get("x-forwarded-prefix", []) == ([front.prefix] if front.prefix else [])
    assert "forwarded" not in told
    assert "evil" not in json.dumps(received)


@pytest.mark.slow
async def test_events_arrive_one_by_one(front: ProxyInFront, origin: Origin) -> None:
    headers = {"Host": "example.org", "Accept": "text/event-stream"}
    target = f"{front.prefix}/api/v1/events"
    async with asyncio.timeout(PATIENCE):
        reader, writer = await connect(front, "GET", target, headers)
        await reader.readuntil(b"data: first\n\n")
        origin.goes_on.set()
        await reader.readuntil(b"data: second\n\n")
        writer.close()


@pytest.mark.slow
async def test_uploads_are_passed_on_as_they_come(front: ProxyInFront, origin: Origin) -> None:
    half = b"x" * 200_000
    headers = {"Host": "example.org", "Content-Length": str(2 * len(half)), "Connection": "close"}
    async with asyncio.timeout(PATIENCE):
        reader, writer = await connect(front, "POST", f"{front.prefix}/upload", headers)
        writer.write(half)
        await writer.drain()
        await origin.first_chunk.wait()
        writer.write(half)
        answer = await reader.read()
        writer.close()
    assert f'"length": {2 * len(half)}'.encode() in answer


@pytest.mark.slow
async def test_only_the_prefix_is_the_gateways(front: ProxyInFront, origin: Origin) -> None:
    if not front.prefix:
        assert (await echo(front, "/other"))["target"] == "/other"
        return
    for target in ("/", "/team", "/team/tbx/", "/other"):
        status, _, _ = await ask(front, target)
        assert status in {403, 404}, target
    status, told, _ = await ask(front, "/team/tb")
    assert (status, told["location"].endswith("/team/tb/")) == (308, True)
    assert origin.targets == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_settings_in_a_file_are_those_of_the_gateway(kind: type[ProxyInFront]) -> None:
    text = (CONFIG / kind.shipped).read_text()
    for line in (
        'listen = ["127.0.0.1:8300"]',
        'public_url = "https://example.org/team/tb"',
        'trusted_proxies = ["127.0.0.1"]',
    ):
        assert line in text
    assert "UNIX:" in text
    assert "ROOT:" in text
