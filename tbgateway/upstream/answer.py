"""What a board answers, as far as it has arrived."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp.streams import StreamReader


class WholeBody:
    """A body that is all there, to be read as one that is not."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    async def read(self) -> bytes:
        """Return all of it."""
        return self.data

    async def iter_any(self) -> AsyncIterator[bytes]:
        """Yield it in one piece."""
        yield self.data


@dataclass(frozen=True, slots=True)
class Answer:
    """The beginning of an answer; `content` is its body as it arrives, undecoded.

    Reading `content` raises aiohttp.ClientError if the board ends before the body does, and
    TimeoutError if it says nothing for two minutes.
    """

    status: int
    raw_headers: tuple[tuple[bytes, bytes], ...]
    length: int | None  # of the body, if it is told beforehand
    content: StreamReader | WholeBody

    async def whole(self, most: int) -> bytes | None:
        """Return the body if it is known to have `most` bytes at most; else None, nothing read."""
        content = self.content
        if isinstance(content, WholeBody):
            return content.data if len(content.data) <= most else None
        if content.is_eof():
            return content.read_nowait() if content.total_bytes <= most else None
        return None if self.length is None or self.length > most else await content.read()
