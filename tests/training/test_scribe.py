import threading
from functools import partial

import pytest

from tbgateway.training.scribe import Scribe


def test_pieces_are_done_in_order_and_the_end_waits_for_them() -> None:
    scribe, done = Scribe(), list[int]()
    scribe.start()
    for number in range(100):
        scribe.do(partial(done.append, number))
    scribe.end(60)
    assert done == [*range(100)]


def test_what_hangs_is_waited_for_no_longer_than_said() -> None:
    scribe, hanging = Scribe(), threading.Event()
    scribe.start()
    scribe.do(lambda: _wait(hanging))
    assert not scribe.wait(0.05)
    hanging.set()
    assert scribe.wait(60)
    scribe.end(60)


def _wait(event: threading.Event) -> None:
    event.wait(60)


def test_without_a_thread_it_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    scribe, done = Scribe(), list[int]()
    scribe.start()
    scribe.do(partial(done.append, 1))
    assert done == [1]
    assert scribe.wait(0)
    scribe.end(0)
