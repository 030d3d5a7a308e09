"""A board's answer on its way to the client, who must not keep the board waiting."""

import asyncio
from collections.abc import Awaitable

import aiohttp
from aiohttp import web

from tbgateway.dataplane.incoming import ClientLeftError
from tbgateway.upstream import WholeBody

_MOST_WAIT = 20.0  # seconds
_LEAST_PACE = 16 * 1024  # bytes per second


async def send_whole(request: web.BaseRequest, response: web.Response) -> None:
    """Send an answer that keeps no board waiting; raise ClientLeftError if nobody takes it."""
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError as error:
        raise _closed() from error


class AnswerRelay:
    """Passes an answer on, each chunk as soon as it is there.

    As long as it runs the request keeps its place in the board. So the client has 20 seconds that
    may be spent waiting for it (not for the board), of which it wins back what each chunk takes
    at 16 KiB/s: it may pause, but neither for long nor at every byte.
    """

    def __init__(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        self._request = request
        self._response = response
        self._left = _MOST_WAIT

    async def run(self, content: aiohttp.StreamReader | WholeBody) -> None:
        """Pass everything on.

        Raise ClientLeftError if the client closes the connection or is too slow, and what reading
        `content` raises.
        """
        await self._send(self._response.prepare(self._request))
        async for chunk in content.iter_any():
            await self._send(self._response.write(chunk))
            self._left = min(self._left + len(chunk) / _LEAST_PACE, _MOST_WAIT)
        await self._send(self._response.write_eof())

    async def _send(self, sending: Awaitable[object]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._left):
                await sending
        except TimeoutError as error:
            raise ClientLeftError("it reads too slowly") from error
        except ConnectionError as error:
            raise _closed() from error
        self._left -= loop.time() - began


def _closed() -> ClientLeftError:
    return ClientLeftError("it closed the connection")
