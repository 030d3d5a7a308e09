"""Calls that look below one logdir root, and are given up where it hangs."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from tbgateway.discovery.logdir_threads import LogdirThreads
from tbgateway.discovery.patient_thread import PatientThread
from tbgateway.discovery.roots import Root
from tbgateway.domain.errors import UnavailableError
from tbgateway.eventfiles import printable

PROMPT = 2.0
"""After so many seconds without a result one asks whether the root answers at all."""
_KNOCK = 2.0  # seconds that it has to answer
_LONGEST = 30.0  # seconds that a person waits for a root that answers, but is slow
_RETRY = 10.0  # seconds
_AT_ONCE = 4
T = TypeVar("T")


class RootThreads:
    """A few threads of the root's own: where it hangs, nobody else is kept waiting."""

    def __init__(self, place: str, path: Path) -> None:
        """Look below `path`, which people know as `place`; no file system is asked yet."""
        self.place = place
        self._path = path
        self._threads = LogdirThreads(_AT_ONCE)
        self._knocking = PatientThread(_KNOCK)

    def __repr__(self) -> str:
        """Tell where they look, and whether all are taken."""
        return f"<RootThreads of {self.place} {'busy' if self._threads.busy else 'free'}>"

    async def answers(self) -> bool:
        """Whether the root's file system answers within moments, be it with an error."""
        return await self._knocking.ask(partial(_knock, self._path)) is not None

    async def run(self, call: Callable[[], T]) -> T:
        """Return what `call` returns. Raise UnavailableError if the root does not answer."""
        task = asyncio.ensure_future(self._threads.run(call))
        deadline = time.monotonic() + _LONGEST
        try:
            while time.monotonic() < deadline:
                if (await asyncio.wait({task}, timeout=PROMPT))[0]:
                    return task.result()
                if not await self.answers():
                    break
        finally:
            task.cancel()  # the thread goes on
        raise UnavailableError(
            f"The {self.place} does not answer.",
            hint="Its mount may hang. Try again when it is back.",
            retry_after=_RETRY,
        )


def threads_by_root(roots: Mapping[str, Root]) -> dict[str, RootThreads]:
    """Return the threads of each root, by its name."""
    return {name: RootThreads(spoken(name, root), root.path) for name, root in roots.items()}


def spoken(name: str, root: Root) -> str:
    """Return what people call that root."""
    return f"logdir root {name!r} ({printable(str(root.path))})"


def _knock(path: Path) -> bool:
    """Ask what no cache answers: network file systems do not keep how full they are."""
    try:
        os.statvfs(path)
    except OSError:
        return False
    return True
