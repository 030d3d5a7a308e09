"""What the data server has read, held in memory while somebody asks for it.

A data server keeps all points of all runs, and looks for new ones each second: most of what a board
costs while nobody looks. So it is ended after a while without questions, and the next question
waits until another one has read everything again: what is shown is as new as ever.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from tbgateway.worker.data_server import DataServer

_T = TypeVar("_T")

_CHEAP = 1.0  # seconds of CPU; what takes more to read is kept
_LONGEST_WAIT = 5.0  # seconds; the gateway gives a silent board up after ten

Start = Callable[[int], DataServer]
"""Starts a data server on a port, any if it is 0; raises OSError if that fails."""


class DataHold:
    """A data server that comes and goes, always on one port; its methods suit any thread.

    Whoever asks it does so within `use`. After `let_go_after` seconds without that nothing is held
    any more; 0 means that it always is. Nobody else may take its port while it is away.
    """

    def __init__(self, start: Start, *, let_go_after: float = 0.0) -> None:
        """Begin to read; raise OSError if that fails."""
        self._start = start
        self._let_go_after = let_go_after
        self._server: DataServer | None = start(0)
        self._died: Callable[[str], None] = _say_nothing
        self._port = 0
        self._lock = threading.Lock()
        self._held = threading.Event()
        self._held.set()
        self._users = 0
        self._last_use = time.monotonic()
        self._this_thread = threading.local()

    def watch(self, died: Callable[[str], None]) -> None:
        """Call `died` with a reason, from another thread, when the data server ends by itself."""
        self._died = died
        if self._server is not None:
            self._server.watch(partial(self._ended, self._server))

    def address(self) -> str:
        """Wait until it listens and return HOST:PORT; raise ConnectionError if it ended."""
        if self._server is not None and not self._port:
            self._port = self._server.port()
        return f"127.0.0.1:{self._port}"

    def wait_until_loaded(self, timeout: float) -> bool:
        """Wait for the first load; False if that takes longer."""
        return self._server is None or self._server.wait_until_loaded(timeout)

    def let_go_when_unused(self) -> None:
        """Begin to look whether the data is used."""
        if self._let_go_after:
            threading.Thread(target=self._look_after, name="data hold", daemon=True).start()

    @contextmanager
    def use(self) -> Iterator[None]:
        """Have the data in memory meanwhile; it may have to be read first."""
        with self._lock:
            if self._server is None:
                self._read_again()
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not getattr(self._this_thread, "looks_on", False):
                    self._last_use = time.monotonic()

    def look_on(self, look: Callable[[], _T]) -> _T:
        """Wait until the data is held anyway, and return what `look` does.

        What it asks does not count: nothing is held for its sake.
        """
        self._held.wait()
        self._this_thread.looks_on = True
        try:
            return look()
        finally:
            self._this_thread.looks_on = False

    def _read_again(self) -> None:
        try:
            self._server = server = self._start(self._port)
            server.watch(partial(self._ended, server))
            server.port()
        except OSError as error:
            self._died(f"the data server could not be started again: {error}")
            raise
        server.wait_until_loaded(_LONGEST_WAIT)
        self._held.set()

    def _ended(self, server: DataServer, reason: str) -> None:
        if self._server is server:
            self._died(reason)

    def _look_after(self) -> None:
        after = self._let_go_after
        while self._held.wait():
            time.sleep(max(self._last_use + after - time.monotonic(), after / 10))
            with self._lock:
                if self._server is None or self._server.load_cost > _CHEAP:
                    return
                if not self._users and time.monotonic() >= self._last_use + after:
                    self._let_go(self._server)

    def _let_go(self, server: DataServer) -> None:
        self._held.clear()
        self._server = None
        server.end()


def _say_nothing(_reason: str) -> None:
    """Nobody has asked to be told."""
