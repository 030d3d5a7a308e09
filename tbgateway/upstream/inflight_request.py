"""A request while a board works on it, which can be ended from outside."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from tbgateway.domain.errors import UnavailableError
from tbgateway.upstream.answer import Answer
from tbgateway.upstream.conversation import Conversation, Fields
from tbgateway.upstream.requests_in_flight import RequestsInFlight

RETRY_AFTER = 1.0
"""Seconds after which it is worth asking a board again that is just replaced, or busy."""


class UpstreamLostError(UnavailableError):
    """This generation was ended while it worked on the request."""


class InflightRequest:
    """The block that it is used for: afterwards its connection is closed.

    `all_of_them` holds it as long as the block runs.
    """

    __slots__ = ("_aborted", "_all", "_cancelling", "_conversation", "_endpoint", "_task")

    def __init__(self, endpoint: Path, all_of_them: RequestsInFlight) -> None:
        self._endpoint = endpoint
        self._all = all_of_them
        self._conversation: Conversation | None = None
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._aborted = False

    async def ask(
        self, method: str, target: str, headers: Fields = (), body: bytes | None = None
    ) -> Answer:
        """Ask the board, once; return its answer, whose body is still to be read.

        `target` is sent as it is. Raise OSError, aiohttp.ClientError or TimeoutError.
        """
        self._conversation = Conversation(self._endpoint)
        return await self._conversation.ask(method, target, headers, body)

    @property
    def silence(self) -> float:
        """For how many seconds the board has let it wait without a byte."""
        return 0.0 if self._conversation is None else self._conversation.silence

    def give_up(self) -> None:
        """Let who waits for the board hear that it fell silent."""
        if self._conversation is not None:
            self._conversation.give_up()

    def abort(self) -> None:
        """End the request now: its task leaves the block with UpstreamLostError."""
        if self._task is not None and not self._aborted:
            self._aborted = True
            self._task.cancel()

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        self._cancelling = self._task.cancelling() if self._task else 0
        self._all.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._all.discard(self)
        if self._conversation is not None:
            self._conversation.close()
        task, self._task = self._task, None
        if not self._aborted or task is None:
            return
        # As asyncio.timeout does it: somebody else may have cancelled the task as well.
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise _lost() from error


def _lost() -> UpstreamLostError:
    return UpstreamLostError(
        "The board's TensorBoard ended while it was answering.",
        hint="Try again in a moment.",
        retry_after=RETRY_AFTER,
    )
