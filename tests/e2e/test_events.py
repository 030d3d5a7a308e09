"""Events through the shipped nginx configuration, from a gateway that knows its public address."""

import asyncio
import socket
import tempfile
from base64 import b64encode
from pathlib import Path

import pytest
from event_stream import PATIENCE, listening
from gateway_in_process import ADMIN_PASSWORD, started
from house import CHIEF
from nginx_process import NginxInFront

from tbgateway.boards import Entry

pytestmark = pytest.mark.slow
AUTHORIZATION = "Basic " + b64encode(f"admin:{ADMIN_PASSWORD}".encode()).decode()


async def test_events_arrive_through_nginx_while_the_stream_is_open(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    upstream = f"127.0.0.1:{listener.getsockname()[1]}"
    with tempfile.TemporaryDirectory(prefix="tbg") as home, NginxInFront(tmp_path / "n") as front:
        (Path(home) / "runs").mkdir()
        overrides = {
            "server.listen": [f"fd:{listener.detach()}"],  # the gateway closes it
            "server.public_url": front.url,
            "server.trusted_proxies": ["127.0.0.1"],
        }
        async with asyncio.timeout(PATIENCE), started(Path(home), overrides=overrides) as gateway:
            await asyncio.to_thread(front.start, upstream=upstream)
            async with listening(front.url, AUTHORIZATION) as stream:
                assert stream.response.headers["Cache-Control"] == "no-store"
                first = await stream.next()
                assert first is not None
                assert first.name == "reset"
                await gateway.boards.create(CHIEF, "vision", (), Entry())
                told = await stream.until("board", name="vision")
                assert told.data["url"] == f"{front.url}/boards/vision/"
            await gateway.boards.rename(CHIEF, "vision", "sight")
            async with listening(
                front.url, AUTHORIZATION, headers={"Last-Event-ID": told.id}
            ) as stream:
                again = await stream.next()
                assert again is not None
                assert (again.name, again.data["name"]) == ("board", "sight")
