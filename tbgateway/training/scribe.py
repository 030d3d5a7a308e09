"""The thread that writes beside the event files: their file system may hang, no training does."""

import queue
import threading
from collections.abc import Callable

Piece = Callable[[], None]


class Scribe:
    """Does pieces of work one after the other. A piece must not raise.

    Where no thread can be started, it is all done by those who ask for it.
    """

    def __init__(self) -> None:
        self._pieces: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._alone = threading.RLock()

    def start(self) -> None:
        """Be ready."""
        try:
            thread = threading.Thread(target=self._work, name="tbgateway record", daemon=True)
            thread.start()
        except RuntimeError:  # there are as many threads as may be
            return
        self._thread = thread

    def do(self, piece: Piece) -> None:
        """Do this, too, soon."""
        if self._thread is not None:
            self._pieces.put(piece)
            return
        with self._alone:
            piece()

    def wait(self, seconds: float) -> bool:
        """Wait until all is done that was asked for; return whether it is."""
        done = threading.Event()
        self.do(done.set)
        return done.wait(max(0.0, seconds))

    def end(self, seconds: float) -> None:
        """Do nothing more after what was asked for, and wait for that."""
        self._pieces.put(None)
        if self._thread is not None:
            self._thread.join(max(0.0, seconds))

    def _work(self) -> None:
        while (piece := self._pieces.get()) is not None:
            piece()
