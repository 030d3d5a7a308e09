"""Request bodies for boards: taken whole before a board hears of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tbgateway.domain.errors import BadRequestError, UnavailableError
from tbgateway.domain.names import BoardId
from tbgateway.routes import Exchange

_BODILESS = frozenset({"GET", "HEAD"})  # their bodies mean nothing and are left where they are

_ROOM = 32 * 1_048_576
_PATIENCE = 30.0


def brings_body(request: web.BaseRequest) -> bool:
    """Whether a request has a body that its board must get."""
    return request.method not in _BODILESS and request.body_exists


class Uploads:
    """Holds the bodies in memory until their boards have answered.

    A board works on few requests at a time, so whoever sends slowly must wait outside. `patience`
    is the seconds a body may take in all, `room` the bytes that one board's bodies may have in
    memory: counted as they arrive, so that announcing a body takes nobody's place.
    """

    def __init__(self, room: int = _ROOM, patience: float = _PATIENCE) -> None:
        self._room = room
        self._patience = patience
        self._held: Counter[BoardId] = Counter()

    @asynccontextmanager
    async def received(self, exchange: Exchange, board: BoardId) -> AsyncIterator[bytes]:
        """Have the request's body inside the block.

        Raise BadRequestError if it does not arrive in time, UnavailableError if there is no room
        for it, and what Exchange.chunks raises.
        """
        body = bytearray()
        try:
            await self._take(exchange, board, body)
            yield bytes(body)
        finally:
            self._held[board] -= len(body)
            self._held += Counter()  # forgets boards at zero

    async def _take(self, exchange: Exchange, board: BoardId, body: bytearray) -> None:
        try:
            async with asyncio.timeout(self._patience):
                async for chunk in exchange.chunks():
                    self._check_room(board, len(chunk))
                    self._held[board] += len(chunk)
                    body += chunk
        except TimeoutError as error:
            raise BadRequestError(
                f"The request body did not arrive within {self._patience:g} s."
            ) from error

    def _check_room(self, board: BoardId, size: int) -> None:
        if self._held[board] + size > self._room:
            raise UnavailableError(
                "The board is being sent more than it can take.",
                hint="Try again in a moment.",
                retry_after=1.0,
            )
