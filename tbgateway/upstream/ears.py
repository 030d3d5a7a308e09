"""Sockets that live for one exchange, watched for something to read.

For every socket that asyncio watches it makes a handle and a key, and looks whether one of its
transports has the descriptor: several times the work of the kernel, which needs the number alone.
So the kernel watches them in a set of their own, and asyncio watches that set.
"""

import asyncio
import select
from collections.abc import Callable
from weakref import WeakKeyDictionary

_AT_ONCE = 64  # sockets told of in one turn of the loop; the others in the next


class Ears:
    """The sockets of one event loop; `of` returns them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watched = select.epoll()
        self._told: dict[int, Callable[[], None]] = {}
        loop.add_reader(self._watched.fileno(), self._listen)

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Ears":
        """Return the loop's, which end with it."""
        ears = _EARS.get(loop)
        if ears is None:
            ears = _EARS[loop] = cls(loop)
        return ears

    def __repr__(self) -> str:
        """Tell how many sockets are watched."""
        return f"<Ears {len(self._told)} sockets>"

    def listen(self, descriptor: int, told: Callable[[], None]) -> None:
        """Call `told` again and again while there is something to read, or the end of it."""
        self._watched.register(descriptor, select.EPOLLIN)
        self._told[descriptor] = told

    def ignore(self, descriptor: int) -> None:
        """Stop; in any case before the descriptor is closed."""
        del self._told[descriptor]
        self._watched.unregister(descriptor)

    def _listen(self) -> None:
        # Should one of them raise, the kernel names the others again in the next turn.
        for descriptor, _ in self._watched.poll(0, _AT_ONCE):
            told = self._told.get(descriptor)
            if told is not None:  # an earlier one may have ended it
                told()


_EARS: WeakKeyDictionary[asyncio.AbstractEventLoop, Ears] = WeakKeyDictionary()
