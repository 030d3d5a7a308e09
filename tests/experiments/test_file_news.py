"""Experiments that are described, and ended, by the file in their directory."""

import asyncio
import errno
import json
import os
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from house import ADA, House

from tbgateway.boards import Entry
from tbgateway.discovery import FileReading, description_files
from tbgateway.domain.description import MOST_TAGS, Edit, Told
from tbgateway.domain.description_file import FILE_NAME, FileNews
from tbgateway.domain.errors import StorageFullError
from tbgateway.domain.model import Description
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.experiments import Experiments, turns
from tbgateway.experiments.describing import Describing
from tbgateway.settings import Experiments as ExperimentsSettings

SILENCE = 900.0
ENDED = 1_763_900_000.0


def say(house: House, name: str = "a", **content: object) -> Path:
    """Write the file as careful scripts do: whole or not at all."""
    file = house.home / "runs" / name / FILE_NAME
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(".beside")
    beside.write_text(json.dumps(content))
    return beside.rename(file)


def said(house: House, name: str = "a") -> Description:
    return house.experiments.description(house.experiments.find(name).id)


def state_of(house: House, name: str = "a") -> tuple[str, str]:
    experiment = house.experiments.find(name)
    return experiment.state.value, experiment.reason


async def later(house: House, seconds: float) -> None:
    house.clock.ahead += seconds
    await house.experiments.rescan()


def restarted(house: House, wake: Callable[[BoardId], None] | None = None) -> Experiments:
    """Return the use cases of a gateway that has the same records and no memory."""
    return Experiments(
        house.store,
        house.roots,
        ExperimentsSettings(),
        house.supervisor.wake if wake is None else wake,
        house.clock.wall,
        house.clock,
    )


# --- what it says


async def test_what_is_too_much_with_what_people_added_is_taken_once_they_make_room(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(description_files, "_SETTLED_AFTER", -60.0)  # it is not fresh
    house.write("a")
    await house.experiments.rescan()
    mine = tuple(f"tag {number}" for number in range(MOST_TAGS))
    await house.experiments.describe("a", Edit(add_tags=mine))
    say(house, tags=["its own"], notes="n")
    await house.experiments.rescan()
    assert "Together with what people added it is too much" in said(house).problem
    assert (said(house).tags, said(house).notes) == (mine, "")

    await house.experiments.describe("a", Edit(notes="no room by this"))
    await house.experiments.rescan()
    assert said(house).tags == mine

    await house.experiments.describe("a", Edit(remove_tags=mine[:1]))
    await house.experiments.rescan()
    assert said(house).problem == ""
    assert (said(house).tags, said(house).notes) == ((*mine[1:], "its own"), "n")


async def test_what_is_too_much_is_tried_again_only_after_a_change(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(description_files, "_SETTLED_AFTER", -60.0)
    house.write("a")
    await house.experiments.rescan()
    mine = tuple(f"tag {number}" for number in range(MOST_TAGS))
    await house.experiments.describe("a", Edit(add_tags=mine))
    say(house, tags=["its own"])
    compared: list[str] = []
    news = Describing.news

    def counted(self: Describing, key: ExperimentId, reading: FileReading) -> FileNews | None:
        compared.append(reading.problem)
        return news(self, key, reading)

    monkeypatch.setattr(Describing, "news", counted)
    for _ in range(3):
        await house.experiments.rescan()
    assert len(compared) == 1
    await house.experiments.describe("a", Edit(notes="no room by this"))
    for _ in range(3):
        await house.experiments.rescan()
    assert len(compared) == 2


async def test_a_file_that_could_not_be_read_for_a_moment_counts_when_it_can(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(description_files, "_SETTLED_AFTER", -60.0)
    house.write("a")
    say(house, tags=["x"])
    with monkeypatch.context() as patched:
        patched.setattr(description_files, "read_small", refuse)
        await house.experiments.rescan()
    assert said(house).problem == f"{FILE_NAME}: It cannot be read: Too many open files."
    await house.experiments.rescan()
    assert (said(house).tags, said(house).problem) == (("x",), "")


def refuse(*_: object) -> bytes:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


async def test_others_get_their_turns_while_files_are_compared(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_TURN", 0.0)
    for name in ("a", "b", "c"):
        house.write(name)
        say(house, name, notes="n")
    order: list[str] = []
    news = Describing.news

    def noted(self: Describing, key: ExperimentId, reading: FileReading) -> FileNews | None:
        order.append("compared")
        return news(self, key, reading)

    async def take_turns() -> None:
        while True:
            if order:
                order.append("others")
            await asyncio.sleep(0)

    monkeypatch.setattr(Describing, "news", noted)
    others = asyncio.ensure_future(take_turns())
    await house.experiments.rescan()
    others.cancel()
    assert order.count("compared") == 3
    assert all("others" in pair for pair in pairwise(order))


async def test_a_new_experiment_comes_with_what_its_file_says(house: House) -> None:
    house.write("a")
    say(house, params={"lr": 0.1}, tags=["x"], notes="n")
    commits = house.store.commits.done
    await house.experiments.rescan()
    assert house.store.commits.done == commits + 1
    assert (said(house).params, said(house).tags, said(house).notes) == ({"lr": 0.1}, ("x",), "n")


async def test_a_scan_that_finds_nothing_new_writes_nothing(house: House) -> None:
    house.write("a")
    say(house, params={"lr": 0.1}, state="failed", ended_at=ENDED)
    await house.experiments.rescan()
    commits = house.store.commits.done
    await house.experiments.rescan()
    await restarted(house).rescan()
    assert house.store.commits.done == commits


async def test_each_reading_is_compared_with_what_is_known_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.write("a")
    say(house, notes="n")
    compared: list[str] = []
    news = Describing.news

    def counted(self: Describing, key: ExperimentId, reading: FileReading) -> FileNews | None:
        compared.append(reading.says.notes or "")
        return news(self, key, reading)

    monkeypatch.setattr(Describing, "news", counted)
    monkeypatch.setattr(description_files, "_SETTLED_AFTER", -60.0)  # it is not fresh
    for _ in range(3):
        await house.experiments.rescan()
    assert compared == ["n"]


async def test_what_changed_in_the_file_is_taken_over_and_what_people_said_stays(
    house: House,
) -> None:
    house.write("a")
    say(house, params={"lr": 0.1, "n": 1}, tags=["x", "y"], notes="n")
    await house.experiments.rescan()
    await house.experiments.describe(
        "a", Edit(params={"n": 7, "mine": True}, add_tags=("z",), remove_tags=("x",), notes="mine")
    )
    say(house, params={"lr": 0.2}, tags=["x", "w"], notes="n")
    await house.experiments.rescan()
    found = said(house)
    assert found.params == {"lr": 0.2, "n": 7, "mine": True}
    assert (set(found.tags), found.notes) == ({"z", "w"}, "mine")
    await restarted(house).rescan()
    assert said(house) == found


async def test_what_is_wrong_is_said_and_the_rest_stays_until_it_is_mended(house: House) -> None:
    house.write("a")
    file = say(house, params={"lr": 0.1}, notes="n")
    await house.experiments.rescan()
    file.write_text('{"params": {"lr": ')
    await house.experiments.rescan()
    assert said(house).params == {"lr": 0.1}
    assert "It is no JSON" in said(house).problem
    say(house, params={"lr": [1]}, notes="m")
    await house.experiments.rescan()
    assert (said(house).params, said(house).notes) == ({"lr": 0.1}, "m")
    assert "cannot be a list" in said(house).problem
    say(house, params={"lr": 0.2}, notes="m")
    await house.experiments.rescan()
    assert (said(house).params, said(house).problem) == ({"lr": 0.2}, "")


@pytest.mark.parametrize("scanner", ["same", "restarted"])
async def test_a_file_that_goes_takes_its_problem_along_and_nothing_else(
    house: House, scanner: str
) -> None:
    house.write("a")
    file = say(house, params={"lr": 0.1}, tags=["a,b"])
    await house.experiments.rescan()
    assert said(house).problem
    file.unlink()
    await (house.experiments if scanner == "same" else restarted(house)).rescan()
    assert (said(house).params, said(house).problem) == ({"lr": 0.1}, "")


async def test_a_root_that_is_away_keeps_the_problem(house: House) -> None:
    house.write("a")
    say(house, tags=["a,b"])
    await house.experiments.rescan()
    (house.home / "runs").rename(house.home / "away")
    await house.experiments.rescan()
    assert said(house).problem


async def test_an_odd_file_keeps_no_scan_from_going_on(house: House) -> None:
    for name in ("a", "b", "c"):
        house.write(name)
    os.mkfifo(house.home / "runs" / "a" / FILE_NAME)
    (house.home / "runs" / "b" / FILE_NAME).write_text("[" * 100_000)
    say(house, "c", notes="n")
    await house.experiments.rescan()
    assert "no regular file" in said(house, "a").problem
    assert "nested too deeply" in said(house, "b").problem
    assert said(house, "c").notes == "n"


async def test_a_file_is_news_for_the_boards_that_show_its_experiment(house: House) -> None:
    await house.find("a", "b")
    board = await house.boards.create(ADA, "vision", ["a"], Entry())
    woken: list[str] = []
    experiments = restarted(house, woken.append)
    say(house, "b", notes="n")
    await experiments.rescan()
    assert woken == []
    say(house, notes="n")
    await experiments.rescan()
    assert woken == [board.id]


async def test_what_could_not_be_stored_is_stored_by_the_next_scan(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.find("a")
    say(house, notes="n", state="failed")

    async def full(*_: object) -> None:
        raise StorageFullError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(house.store, "_commit", full)
        with pytest.raises(StorageFullError):
            await house.experiments.rescan()
    assert state_of(house)[0] == "running"
    await house.experiments.rescan()
    assert (said(house).notes, state_of(house)[0]) == ("n", "failed")


# --- how it ended


@pytest.mark.parametrize(
    ("state", "reason", "shown"),
    [
        ("completed", "", "completed by its script"),
        ("failed", "ValueError: no", "ValueError: no"),
        ("stopped", "SIGTERM", "SIGTERM"),
    ],
)
async def test_the_file_ends_its_experiment_and_what_is_flushed_belongs_to_it(
    house: House, state: str, reason: str, shown: str
) -> None:
    path = house.write("a")
    await house.experiments.register(str(path), lease=60.0)
    house.write("a", size=500)
    say(house, state=state, reason=reason, ended_at=ENDED)
    await house.experiments.rescan()
    experiment = house.experiments.find("a")
    assert state_of(house) == (state, shown)
    assert (experiment.ended_at, experiment.complete_bytes) == (ENDED, 500)
    assert (experiment.held, experiment.lease) == (False, None)
    house.write("a", size=600)
    await later(house, 100)
    assert state_of(house) == (state, shown)
    await later(house, 100)
    house.write("a", size=601)
    await house.experiments.rescan()
    assert state_of(house)[0] == ("failed" if state == "failed" else "running")


async def test_an_end_that_was_told_while_the_gateway_was_away_is_found(house: House) -> None:
    house.write("a", age=SILENCE + 60)
    say(house, state="failed", reason="no disk", ended_at=ENDED)
    await house.experiments.rescan()
    assert state_of(house) == ("failed", "no disk")


@pytest.mark.parametrize("first", ["call", "file"])
async def test_an_end_that_comes_both_ways_is_one_end(house: House, first: str) -> None:
    path = house.write("a")
    await house.experiments.register(str(path), lease=60.0)
    ways = ["call", "file", "call", "file"] if first == "call" else ["file", "call", "file"]
    for way in ways:
        if way == "call":
            await house.experiments.fail("a", reason="no disk", by="ada", ended_at=ENDED)
        else:
            say(house, state="failed", reason="no disk", ended_at=ENDED)
            await house.experiments.rescan()
        assert state_of(house) == ("failed", "no disk")
    heard = house.experiments.find("a").end_heard_at
    await house.experiments.complete("a", by="bob")
    await restarted(house).rescan()
    await house.experiments.fail("a", reason="no disk", by="ada", ended_at=ENDED)
    assert state_of(house) == ("completed", "completed by bob")
    assert house.experiments.find("a").end_heard_at == heard


async def test_one_that_begins_anew_is_not_ended_by_what_its_file_said_before(
    house: House,
) -> None:
    path = house.write("a")
    say(house, state="failed", ended_at=ENDED, params={"lr": 0.1})
    told = Told(params={"lr": 0.2})
    again = await house.experiments.register(str(path), lease=60.0, told=told)
    assert (again.state.value, again.ended_at) == ("running", None)
    await house.experiments.rescan()
    await restarted(house).rescan()
    assert state_of(house) == ("running", "")
    assert said(house).params == {"lr": 0.2}, "what is told by the call is newer"
    say(house, state="completed", ended_at=ENDED + 5, params={"lr": 0.2})
    await house.experiments.rescan()
    assert state_of(house) == ("completed", "completed by its script")


async def test_a_scan_that_read_the_file_before_a_new_beginning_ends_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scan is held up between its look at the files and what it stores."""
    path = house.write("a")
    await house.experiments.rescan()
    say(house, state="failed", ended_at=ENDED)
    scanner = house.experiments._rescanning._scans["runs"].scanner
    seen = scanner.scan(tuple(house.store.experiments.values()))
    say(house, params={"lr": 0.1})
    await house.experiments.register(str(path), lease=60.0)
    with monkeypatch.context() as patched:
        patched.setattr(scanner, "scan", lambda *_: seen)
        await house.experiments.rescan()
    assert state_of(house) == ("running", "")
    await house.experiments.rescan()
    assert state_of(house) == ("running", "")
    assert said(house).params == {"lr": 0.1}


async def test_a_script_that_nobody_heard_begins_anew_by_its_file(house: House) -> None:
    house.write("a")
    say(house, state="failed", reason="NaN", ended_at=ENDED)
    await house.experiments.rescan()
    assert state_of(house) == ("failed", "NaN")
    say(house, params={"lr": 0.1})
    await house.experiments.rescan()
    assert state_of(house) == ("running", "its script began anew")
    await later(house, SILENCE + 1)
    assert state_of(house)[0] == "completed"


async def test_a_directory_that_comes_back_with_its_file_tells_nothing_new(house: House) -> None:
    house.write("a")
    house.write("b")
    say(house, state="failed", ended_at=ENDED)
    await house.experiments.rescan()
    await house.experiments.complete("a", by="ada")
    (house.home / "runs" / "a").rename(house.home / "away")
    await house.experiments.rescan()
    shutil.move(house.home / "away", house.home / "runs" / "a")
    await house.experiments.rescan()
    assert state_of(house) == ("completed", "completed by ada")
