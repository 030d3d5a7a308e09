"""Calls below a root that hangs are given up; those below one that is slow are waited for."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tbgateway.discovery import PatientThread, Root, RootThreads, threads_by_root
from tbgateway.domain.errors import UnavailableError

PROMPT = "tbgateway.discovery.root_threads.PROMPT"
KNOCK = "tbgateway.discovery.root_threads._knock"
LONGEST = "tbgateway.discovery.root_threads._LONGEST"
MOMENT = 0.05  # seconds


@pytest.fixture
def back() -> Iterator[threading.Event]:
    """Return what calls that hang wait for."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RootThreads:
    monkeypatch.setattr(PROMPT, MOMENT)
    threads = threads_by_root({"runs": Root(tmp_path)})["runs"]
    threads._knocking = PatientThread(MOMENT)
    return threads


def hang(monkeypatch: pytest.MonkeyPatch, back: threading.Event) -> None:
    monkeypatch.setattr(KNOCK, lambda _: back.wait(60))


async def test_a_root_that_hangs_is_named(
    threads: RootThreads, tmp_path: Path, back: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(monkeypatch, back)
    with pytest.raises(UnavailableError) as caught:
        await threads.run(lambda: back.wait(60))
    assert caught.value.detail == f"The logdir root 'runs' ({tmp_path}) does not answer."
    assert caught.value.retry_after is not None
    back.set()
    assert await threads.run(lambda: 7) == 7


async def test_who_waits_for_a_free_thread_is_told_too(
    threads: RootThreads, back: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(monkeypatch, back)
    calls = (threads.run(lambda: back.wait(60)) for _ in range(20))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(answer) for answer in answers} == {UnavailableError}
    assert "busy" in repr(threads)


async def test_a_root_that_is_slow_is_waited_for_but_not_for_ever(
    threads: RootThreads, back: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading.Timer(4 * MOMENT, back.set)
    slow.start()
    assert await threads.run(lambda: back.wait(60)) is True
    slow.join()
    back.clear()
    monkeypatch.setattr(LONGEST, 2 * MOMENT)
    with pytest.raises(UnavailableError):
        await threads.run(lambda: back.wait(60))


async def test_errors_are_passed_on_and_an_absent_root_is_an_answer(
    threads: RootThreads, tmp_path: Path
) -> None:
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)
    assert await threads.answers()
    tmp_path.rmdir()
    assert await threads.answers()
