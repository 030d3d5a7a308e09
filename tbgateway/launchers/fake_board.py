"""What a fake board answers: enough of TensorBoard for a proxy or a supervisor to be tested."""

import asyncio
import json
import os
import socket
from pathlib import Path

from aiohttp import web

from tbgateway.launchers.launcher import LaunchSpec

_PARTS = 5  # of a /slow response
_DROPPED_WITHIN = 0.01  # seconds; zero would mean for ever


class FakeBoard:
    """An HTTP server in this process, on a socket that is listening already.

    `/` is a page with the board's title, `/data/runs` lists the links of the logdir,
    `/data/environment` names the board, `/echo` returns the request as JSON, `/slow` streams
    parts with `delay` seconds between them. Everything else is 404.
    """

    def __init__(self, spec: LaunchSpec) -> None:
        self.delay = 0.02
        self.hanging = False
        self._spec = spec
        self._http = web.Server(self._answer)
        self._server: asyncio.Server | None = None

    async def serve(self, listener: socket.socket) -> None:
        """Begin to accept; what has been waiting in the backlog is answered first."""
        # A copy of its own: the launcher's keeps connections from being refused after a crash.
        own = listener.dup()
        own.setblocking(False)  # noqa: FBT003 - a method of the standard library
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._http, sock=own)

    async def close(self) -> None:
        """Drop all connections, as the death of a process does."""
        server, self._server = self._server, None
        if server is not None:
            for listening in server.sockets:
                asyncio.get_running_loop().remove_reader(listening)
            await asyncio.sleep(0)  # what asyncio accepts while it closes, nobody would close
            server.close()
        await self._http.shutdown(timeout=_DROPPED_WITHIN)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.hanging:
            await asyncio.Event().wait()
        response = await self._respond(request)
        response.force_close()  # as Werkzeug, after every response
        return response

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.path:
            case "/":
                return _text(f"<!doctype html><title>{self._spec.title}</title>", "text/html")
            case "/data/runs":
                return _json(await asyncio.to_thread(_links, self._spec.logdir))
            case "/data/environment":
                return _json({"window_title": self._spec.title})
            case "/echo":
                return _json(await _echo(request))
            case "/slow":
                return await self._stream(request)
            case _:
                return _text("Not found", "text/plain", status=404)

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        response.force_close()
        await response.prepare(request)
        for part in range(_PARTS):
            await response.write(f"part {part}\n".encode())
            await asyncio.sleep(self.delay)
        return response


async def _echo(request: web.BaseRequest) -> dict[str, object]:
    body = await request.read()
    return {
        "method": request.method,
        "target": request.raw_path,
        "headers": [
            [name.decode("latin-1"), value.decode("latin-1")] for name, value in request.raw_headers
        ],
        "body": body.decode("latin-1"),
    }


def _links(logdir: Path) -> list[str]:
    return sorted(
        os.path.relpath(Path(directory, name), logdir)
        for directory, names, _ in os.walk(logdir)
        for name in names
        if Path(directory, name).is_symlink()
    )


def _json(value: object) -> web.Response:
    return _text(json.dumps(value), "application/json")


def _text(text: str, content_type: str, status: int = 200) -> web.Response:
    return web.Response(text=text, content_type=content_type, status=status)
