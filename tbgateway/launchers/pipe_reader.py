"""Reading a pipe in the event loop, as it comes."""

import asyncio
import os
from collections.abc import Callable

_CHUNK = 64 * 1024  # bytes; what a pipe holds


class PipeReader:
    """Hands what arrives in `descriptor`, which it owns, to `received`; calls `ended` at its end.

    Unlike asyncio's streams it can be drained at once: what a dead process wrote last is known
    in the moment its death is.
    """

    def __init__(
        self, descriptor: int, received: Callable[[bytes], None], ended: Callable[[], None]
    ) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._received = received
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._open = True
        self.resume()

    def resume(self) -> None:
        """Go on after `pause`."""
        if self._open:
            self._loop.add_reader(self._descriptor, self._read)

    def pause(self) -> None:
        """Leave what arrives in the pipe for now: a full pipe slows its writer down."""
        if self._open:
            self._loop.remove_reader(self._descriptor)

    def drain(self) -> None:
        """Read everything that is there now."""
        while self._open and self._read():
            pass

    def close(self) -> None:
        """Read no more."""
        if self._open:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._open = False

    def _read(self) -> bool:
        """Read one chunk; whether there may be more."""
        try:
            chunk = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        if chunk:
            self._received(chunk)
            return True
        self.close()
        self._ended()
        return False
