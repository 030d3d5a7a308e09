"""A relay in front of a server that counts every byte the server sends."""

import asyncio
import threading
from contextlib import suppress
from typing import Self

_CHUNK = 1 << 18


class WireMeter:
    """Listens on a port of its own and passes everything on; use it as a context manager.

    A browser's own count leaves out what its workers fetch.
    """

    def __init__(self, port: int) -> None:
        self.received = 0
        self.url = ""
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection("127.0.0.1", self._port)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass(reader, requests, counted=False))
            group.create_task(self._pass(answers, writer, counted=True))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                self.received += len(data) if counted else 0
                writer.write(data)
                await writer.drain()
        writer.close()
