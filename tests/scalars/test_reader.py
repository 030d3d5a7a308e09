import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from raw_events import EVENTS, scalar_records
from structlog.testing import capture_logs

from tbgateway.scalars import Reader
from tbgateway.scalars.reader_process import ReaderLostError
from tbgateway.worker.scalar_messages import Turn

Scripted = Callable[..., Reader]
ECHO = (
    "for line in sys.stdin:",
    "    name = json.loads(line)['experiment']",
    "    print(json.dumps({'experiment': name, 'series': [], 'flaw': ''}), flush=True)",
)
ANY = Turn("x", ())


def turn(site: Any, name: str) -> Turn:
    return Turn(name, ((".", str(site.root / name / EVENTS)),))


async def test_a_process_is_started_when_it_is_needed_and_kept(site: Any) -> None:
    site.write("a", scalar_records("loss", 3.0, 1.0))
    reader = site.reader()
    assert (reader.pids(), reader.age) == (frozenset(), 0.0)
    answer = await reader.ask(turn(site, "a"))
    (pid,) = reader.pids()
    assert [one.last for one in answer.digest.series] == [1.0]
    await reader.ask(turn(site, "a"))
    assert reader.pids() == {pid}
    assert (reader.turns, reader.losses) == (2, 0)
    assert reader.age > 0
    assert 0 < reader.effort < reader.age + 60
    await reader.put_down()
    assert (reader.pids(), reader.effort) == (frozenset(), 0.0)
    assert not psutil.pid_exists(pid)
    await reader.put_down()


async def test_a_process_that_was_killed_is_lost_once(site: Any) -> None:
    site.write("a", scalar_records("loss", 3.0, 1.0))
    reader = site.reader()
    before = await reader.ask(turn(site, "a"))
    (pid,) = reader.pids()
    os.kill(pid, signal.SIGSTOP)
    asking = asyncio.ensure_future(reader.ask(turn(site, "a")))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ReaderLostError):
        await asking
    assert reader.losses == 1
    assert await reader.ask(turn(site, "a")) == before
    assert reader.pids().isdisjoint({pid})
    await reader.put_down()


async def test_a_process_that_hangs_is_killed(scripted: Scripted) -> None:
    reader = scripted("time.sleep(600)", patience=0.5)
    asking = asyncio.ensure_future(reader.ask(ANY))
    while not reader.pids():
        await asyncio.sleep(0.01)
    (pid,) = reader.pids()
    with pytest.raises(ReaderLostError, match=r"did not answer within 0\.5 s"):
        await asking
    assert not psutil.pid_exists(pid)
    await reader.put_down()


async def test_one_that_does_not_end_when_it_is_asked_to_is_made_to(scripted: Scripted) -> None:
    reader = scripted(*ECHO, "time.sleep(600)")
    await reader.ask(ANY)
    (pid,) = reader.pids()
    await reader.put_down()
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize(
    "answer",
    [
        "print('[]', flush=True)",
        'print(\'{"experiment": "y", "series": [], "flaw": ""}\', flush=True)',
        "print('x' * 3_000_000, flush=True)",
        "os.close(1)",
    ],
)
async def test_a_process_that_talks_nonsense_is_lost(scripted: Scripted, answer: str) -> None:
    reader = scripted("sys.stdin.readline()", answer, "sys.stdin.readline()", "time.sleep(600)")
    with pytest.raises(ReaderLostError):
        await reader.ask(ANY)
    assert reader.losses == 1
    await reader.put_down()


async def test_the_last_words_of_a_process_are_logged(scripted: Scripted) -> None:
    reader = scripted("sys.stderr.write('x' * 60_000)", "sys.exit('out of luck')")
    with capture_logs() as logs, pytest.raises(ReaderLostError):
        await reader.ask(ANY)
    (entry,) = logs
    assert entry["last_words"].endswith("out of luck")
    assert len(entry["last_words"]) <= 4096
    await reader.put_down()


async def test_what_keeps_it_from_being_confined_is_logged() -> None:
    code = 'print(\'{"unconfined": "no Landlock"}\', flush=True)\n' + "\n".join(
        ("import json, sys", *ECHO)
    )
    reader = Reader(("python3", "-c", code), os.environ)
    with capture_logs() as logs:
        await reader.ask(ANY)
        await reader.ask(ANY)
    assert [entry["reason"] for entry in logs] == ["no Landlock"]
    await reader.put_down()


async def test_a_command_that_cannot_be_run_is_a_loss() -> None:
    reader = Reader(("/nowhere/at/all",), {})
    with capture_logs() as logs, pytest.raises(ReaderLostError, match="cannot be started"):
        await reader.ask(ANY)
    assert (len(logs), reader.losses) == (1, 1)


async def test_pauses_grow_with_losses_and_end_with_an_answer(scripted: Scripted) -> None:
    reader = Reader(("/nowhere/at/all",), {})
    pauses = []
    for _ in range(12):
        with capture_logs(), pytest.raises(ReaderLostError):
            await reader.ask(ANY)
        pauses.append(reader.pause)
    assert pauses[:3] == [0.25, 0.5, 1.0]
    assert pauses[-1] == 30.0
    reader._command = scripted(*ECHO)._command
    await reader.ask(ANY)
    assert reader.pause < 0.25
    await reader.put_down()


async def test_a_killed_process_that_stays_is_not_asked_again(scripted: Scripted) -> None:
    reader = scripted(*ECHO)
    await reader.ask(ANY)
    assert reader._process is not None
    reader._process._killed = True  # as if it waited for a dead disk
    with pytest.raises(ReaderLostError, match="still there"):
        await reader.ask(ANY)
    await reader.put_down()
