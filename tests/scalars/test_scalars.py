import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import psutil
import pytest
from raw_events import EVENTS, scalar_records
from structlog.testing import capture_logs

from tbgateway.domain.model import Experiment
from tbgateway.domain.series import Digest
from tbgateway.eventfiles import EventFile
from tbgateway.scalars import Reader
from tbgateway.worker.scalar_messages import Answer, Turn

Until = Callable[[Callable[[], object]], Awaitable[None]]


class Recording(Reader):
    """The real reader of a site; remembers whose turns there were."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader._command, reader._environment)
        self.order: list[str] = []
        self.begun = asyncio.Event()
        self.may_begin = asyncio.Event()

    async def ask(self, turn: Turn) -> Answer:
        self.begun.set()
        await self.may_begin.wait()
        self.order.append(turn.experiment)
        return await super().ask(turn)


def last_of(digest: Digest | None) -> float | None:
    return digest.series[0].last if digest is not None and digest.series else None


async def test_a_digest_is_known_a_moment_after_it_was_asked_for(site: Any, until: Until) -> None:
    experiment = site.write("a", scalar_records("loss", 3.0, 1.0, 2.0))
    async with site.reading() as scalars:
        assert scalars.digest(experiment) is None
        await until(lambda: scalars.digest(experiment))
        digest = scalars.digest(experiment)
    assert digest is not None
    assert digest.complete
    (loss,) = digest.series
    assert (loss.tag, loss.last, loss.lowest, loss.highest) == ("loss", 2.0, 1.0, 3.0)
    assert site.told == [experiment.id]


async def test_nothing_is_read_again_unless_it_changed(site: Any, until: Until) -> None:
    experiment = site.write("a", scalar_records("loss", 3.0))
    async with site.reading() as scalars:
        scalars.digest(experiment)
        await until(lambda: scalars.reader.turns == 1 and not scalars.waiting)
        for _ in range(10):
            scalars.digest(experiment)
        assert scalars.waiting == 0
        grown = site.write("a", scalar_records("loss", 2.0, first_step=1))
        assert last_of(scalars.digest(grown)) == 3.0, "what is known is told meanwhile"
        await until(lambda: last_of(scalars.digest(grown)) == 2.0)
        assert scalars.reader.turns == 2
    assert site.told == [experiment.id] * 2


async def test_an_experiment_without_files_is_known_to_hold_nothing(site: Any) -> None:
    empty = replace(site.write("a", b""), bytes=0)
    async with site.reading() as scalars:
        assert scalars.digest(empty) == Digest()
        assert scalars.waiting == 0


async def test_what_was_asked_last_is_read_first_and_large_ones_take_turns(
    site: Any, until: Until
) -> None:
    values = map(float, range(100_000))
    large = site.write("large", scalar_records("loss", *values))
    small = [site.write(name, scalar_records("loss", 1.0)) for name in "abc"]
    reader = Recording(site.reader())
    async with site.reading(reader) as scalars:
        scalars.digest(large)
        await reader.begun.wait()
        for one in small:
            scalars.digest(one)
        reader.may_begin.set()
        await until(lambda: not scalars.waiting)
        assert last_of(scalars.digest(large)) == 99_999.0
    assert reader.order[:4] == ["ex-large", "ex-c", "ex-b", "ex-a"]
    assert reader.order.count("ex-large") > 1
    assert site.told.count(large.id) == 2, "of the beginning and of the end"


async def test_after_a_kill_everything_is_read_anew(site: Any, until: Until) -> None:
    experiment = site.write("a", scalar_records("loss", 3.0))
    async with site.reading() as scalars:
        scalars.digest(experiment)
        await until(lambda: scalars.digest(experiment))
        (pid,) = scalars.reader.pids()
        os.kill(pid, signal.SIGKILL)
        grown = site.write("a", scalar_records("loss", 2.0, first_step=1))
        await until(lambda: last_of(scalars.digest(grown)) == 2.0)
        (loss,) = scalars.digest(grown).series
        assert loss.count == 2
        assert scalars.reader.pids().isdisjoint({pid})


async def test_a_killed_reader_is_replaced_within_the_same_errand(site: Any, until: Until) -> None:
    experiment = site.write("a", scalar_records("loss", *map(float, range(200_000))))
    async with site.reading() as scalars:
        scalars.digest(experiment)
        await until(scalars.reader.pids)
        (pid,) = scalars.reader.pids()
        with capture_logs():
            os.kill(pid, signal.SIGKILL)
            await until(lambda: scalars.reader.losses)
            await until(lambda: last_of(scalars.digest(experiment)) == 199_999.0)


async def test_what_the_reader_is_lost_over_is_set_aside_and_others_are_read(
    site: Any, until: Until, scripted: Callable[..., Reader]
) -> None:
    poison = site.write("poison", scalar_records("loss", 1.0))
    other = site.write("other", scalar_records("loss", 2.0))
    reader = scripted(
        "for line in sys.stdin:",
        "    name = json.loads(line)['experiment']",
        "    if 'poison' in name: sys.exit(1)",
        "    answer = {'experiment': name, 'series': [], 'flaw': '', 'complete': True}",
        "    print(json.dumps(answer), flush=True)",
    )
    with capture_logs() as logs:
        async with site.reading(reader) as scalars:
            scalars.digest(other)
            scalars.digest(poison)
            await until(lambda: not scalars.waiting)
            assert scalars.digest(other) == Digest()
            assert scalars.digest(poison) is None
            assert (reader.losses, scalars.waiting) == (2, 0)
            site.clock += 601.0
            scalars.digest(poison)
            assert scalars.waiting == 1
            await until(lambda: len(logs) == 4)
    assert reader.losses == 4


async def test_a_root_that_does_not_answer_is_asked_later(site: Any, until: Until) -> None:
    experiment = site.write("a", scalar_records("loss", 1.0))
    answers: list[tuple[EventFile, ...] | None] = [None]

    async def list_files(one: Experiment) -> Sequence[EventFile] | None:
        file = EventFile(".", f"{one.path}/{EVENTS}")
        return answers.pop() if answers else (file,)

    async with site.reading(list_files=list_files) as scalars:
        scalars.digest(experiment)
        await until(lambda: not scalars.waiting)
        assert scalars.digest(experiment) is None
        assert scalars.waiting == 0
        assert scalars.reader.pids() == frozenset()
        site.clock += 61.0
        scalars.digest(experiment)
        await until(lambda: scalars.digest(experiment))


async def test_an_error_of_our_own_ends_nothing(site: Any, until: Until) -> None:
    experiment = site.write("a", scalar_records("loss", 1.0))
    other = site.write("b", scalar_records("loss", 2.0))

    async def list_files(one: Experiment) -> Sequence[EventFile] | None:
        if one.name == "a":
            raise ZeroDivisionError
        return (EventFile(".", f"{one.path}/{EVENTS}"),)

    with capture_logs() as logs:
        async with site.reading(list_files=list_files) as scalars:
            scalars.digest(other)
            scalars.digest(experiment)
            await until(lambda: scalars.digest(other))
            assert scalars.digest(experiment) is None
    assert [entry["event"] for entry in logs] == ["an experiment's scalars were not read"]


async def test_the_process_ends_when_there_is_nothing_to_read(site: Any, until: Until) -> None:
    experiment = site.write("a", scalar_records("loss", 1.0))
    async with site.reading(idle=0.1) as scalars:
        scalars.digest(experiment)
        await until(lambda: scalars.digest(experiment))
        await until(lambda: not scalars.reader.pids())
        grown = site.write("a", scalar_records("loss", 2.0, first_step=1))
        await until(lambda: last_of(scalars.digest(grown)) == 2.0)


async def test_what_took_long_to_read_is_kept_longer(
    site: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = site.write("a", scalar_records("loss", 1.0))
    reader = site.reader()
    monkeypatch.setattr(type(reader), "effort", property(lambda _: 1e9))
    async with site.reading(reader, idle=0.02) as scalars:
        scalars.digest(experiment)
        await until(lambda: scalars.digest(experiment))
        pids = reader.pids()
        await asyncio.sleep(0.2)  # ten times as long as it would be kept
        assert reader.pids() == pids
        await until(lambda: not reader.pids())


async def test_the_process_ends_with_whoever_asks(site: Any, until: Until) -> None:
    experiment = site.write("a", scalar_records("loss", 1.0))
    async with site.reading() as scalars:
        scalars.digest(experiment)
        await until(lambda: scalars.digest(experiment))
        (pid,) = scalars.reader.pids()
    assert not psutil.pid_exists(pid)


async def test_files_out_of_reach_let_an_old_reader_be_replaced(
    site: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = site.write("early", scalar_records("loss", 1.0))
    late = site.write("late", scalar_records("loss", 2.0))
    reader = site.reader()
    monkeypatch.setattr(reader, "_command", (*reader._command[:-1], "/nowhere"))
    async with site.reading(reader) as scalars:
        scalars.digest(early)
        await until(lambda: scalars.digest(early))
        if last_of(scalars.digest(early)) is not None:
            pytest.skip("landlock is not offered on this machine")
        assert "cannot be read" in scalars.digest(early).flaw
        monkeypatch.setattr("tbgateway.scalars.scalars._OLD", 0.0)
        monkeypatch.setattr(reader, "_command", site.reader()._command)
        scalars.digest(late)
        await until(lambda: last_of(scalars.digest(late)) == 2.0)


async def test_what_no_reader_can_open_does_not_cost_what_is_known_again_and_again(
    site: Any, until: Until, scripted: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.scalars.scalars._OLD", 0.0)
    reader = scripted(
        "for line in sys.stdin:",
        "    answer = {'experiment': json.loads(line)['experiment'], 'series': [], 'flaw': 'x'}",
        "    print(json.dumps(answer | {'denied': True, 'complete': True}), flush=True)",
    )
    pids = set()
    async with site.reading(reader) as scalars:
        for number in range(5):
            grown = site.write("a", scalar_records("loss", 1.0, first_step=number))
            scalars.digest(grown)
            await until(lambda: not scalars.waiting)
            pids |= reader.pids()
        assert scalars.digest(grown) == Digest(flaw="x")
    assert len(pids) == 1, "the one that was there at first was replaced once"
    assert reader.turns == 6


async def test_what_was_cut_off_is_read_again_for_who_shows_it_but_not_all_the_time(
    site: Any, until: Until
) -> None:
    tags = (scalar_records(tag, 1.0) for tag in ("loss", "accuracy", "lr"))
    experiment = site.write("a", *tags)
    async with site.reading() as scalars:
        scalars.digest(experiment)
        await until(lambda: scalars.digest(experiment))
        scalars._memory.recall(experiment.id).be_cut()
        assert scalars.main_series([experiment]).tag == "loss"
        assert scalars.waiting == 0, "what a board shows is still there"
        assert len(scalars.digest(experiment).series) == 2
        await until(lambda: len(scalars.digest(experiment).series) == 3)
        scalars._memory.recall(experiment.id).be_cut()
        assert len(scalars.digest(experiment).series) == 2
        assert scalars.waiting == 0
        site.clock += 61.0
        await until(lambda: len(scalars.digest(experiment).series) == 3)


async def test_files_that_are_replaced_all_the_time_are_given_up(
    site: Any, until: Until, scripted: Callable[..., Reader]
) -> None:
    experiment = site.write("a", scalar_records("loss", 1.0))
    reader = scripted(
        "for line in sys.stdin:",
        "    answer = {'experiment': json.loads(line)['experiment'], 'series': [], 'flaw': ''}",
        "    print(json.dumps(answer), flush=True)",
    )
    async with site.reading(reader) as scalars:
        scalars.digest(experiment)
        await until(lambda: not scalars.waiting)
        assert scalars.digest(experiment) == Digest(complete=False)
        assert scalars.waiting == 0
        assert reader.turns == 101


async def test_a_board_shows_the_experiment_with_the_newest_event(site: Any, until: Until) -> None:
    old = replace(site.write("old", scalar_records("loss", 1.0)), last_event_at=100.0)
    new = replace(site.write("new", scalar_records("accuracy", 2.0)), last_event_at=200.0)
    newest = replace(site.write("newest", b""), bytes=5, last_event_at=300.0)
    never = replace(old, last_event_at=None)
    async with site.reading() as scalars:
        assert scalars.main_series([old, newest, new, never]) is None
        await until(lambda: scalars.main_series([old, newest, new, never]))
        series = scalars.main_series([old, newest, new, never])
        assert series is not None
        assert (series.tag, series.last) == ("accuracy", 2.0)
        assert scalars.digest(old) is None, "one is enough"
        assert scalars.main_series([never]) is None
