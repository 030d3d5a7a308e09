"""What a board's process is told of experiments: written when it reads, replaced, removed."""

import json
import os
import tracemalloc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tbgateway.domain.model import Description
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor import descriptions
from tbgateway.supervisor.board_links import BoardLinks

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")


@pytest.fixture
async def links(house: "House") -> BoardLinks:
    """The links of a board about which the house's own supervisor does nothing."""
    house.launcher.unreachable = True
    return BoardLinks(BOARD, house.means)


def file_of(house: "House") -> Path:
    return house.layout.descriptions(BOARD)


def told(house: "House") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file_of(house).read_bytes())
    return found


def named(house: "House", name: str) -> ExperimentId:
    return house.store.experiments_named(name)[0].id


def complaints(logs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the reasons; the house's supervisor logs as well that it has no launcher."""
    return [one["reason"] for one in logs if one["event"] == "descriptions are not shown"]


async def describe(house: "House", name: str, **said: Any) -> None:
    async with house.store.transaction() as tx:
        tx.put(Description(experiment_id=named(house, name), **said))


async def test_a_process_is_told_what_is_said_of_the_experiments_it_shows(
    house: "House", links: BoardLinks
) -> None:
    for name in ("a", "b", "silent", "evil"):
        await house.show(name, problem="no" if name == "evil" else None)
    await describe(house, "a", params={"lr": 0.1, "n": 3, "amp": True}, tags=("best",))
    await describe(house, "b", notes="größer\n")
    await describe(house, "silent", file="{}", problem="it cannot be read")
    await describe(house, "evil", notes="not shown")
    await links.sync(read=True)
    assert told(house) == {
        "a": {"params": {"lr": 0.1, "n": 3, "amp": True}, "tags": ["best"], "notes": ""},
        "b": {"params": {}, "tags": [], "notes": "größer\n"},
    }
    assert file_of(house).stat().st_mode & 0o777 == 0o640
    assert file_of(house).parent.stat().st_mode & 0o777 == 0o750


async def test_a_board_that_sleeps_is_told_at_its_next_launch(
    house: "House", links: BoardLinks
) -> None:
    await house.show("a")
    await describe(house, "a", notes="hm")
    await links.sync()
    assert not file_of(house).exists()

    house.launcher.unreachable = False
    await house.supervisor.upstream(BOARD)
    assert told(house)["a"]["notes"] == "hm"


async def test_the_directory_is_there_before_anything_is_said(
    house: "House", links: BoardLinks
) -> None:
    await links.sync(read=True)
    assert [*file_of(house).parent.iterdir()] == []


async def test_nothing_is_written_while_nothing_else_is_said(
    house: "House", links: BoardLinks
) -> None:
    await house.show("a")
    await describe(house, "a", params={"lr": 1})
    await links.sync(read=True)
    first = file_of(house).stat()
    await links.sync(read=True)
    assert file_of(house).stat().st_ino == first.st_ino
    assert file_of(house).stat().st_mtime_ns == first.st_mtime_ns


async def test_nothing_is_made_of_what_was_said_already(
    house: "House", links: BoardLinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.show("a")
    await describe(house, "a", params={"lr": 1})
    made: list[int] = []
    usual = descriptions._encoded

    def count(telling: Any) -> Any:
        made.append(1)
        return usual(telling)

    monkeypatch.setattr(descriptions, "_encoded", count)
    for _ in range(3):
        await links.sync(read=True)
    assert len(made) == 1
    await describe(house, "a", params={"lr": 2})
    await links.sync(read=True)
    assert (len(made), told(house)["a"]["params"]) == (2, {"lr": 2})
    links.let_go()
    await links.sync(read=True)
    assert len(made) == 3, "for another process it is looked at again"


async def test_what_somebody_else_did_to_the_file_is_undone(
    house: "House", links: BoardLinks
) -> None:
    await house.show("a")
    await describe(house, "a", notes="hm")
    await links.sync(read=True)
    for harm in (file_of(house).unlink, lambda: file_of(house).write_text('{"a"')):
        harm()
        await links.sync(read=True)
        assert told(house)["a"]["notes"] == "hm"


async def test_a_running_board_is_told_of_changes(house: "House") -> None:
    await house.show("a")
    await describe(house, "a", params={"lr": 1})
    await house.supervisor.upstream(BOARD)
    await describe(house, "a", params={"lr": 2})
    house.supervisor.wake(BOARD)
    await house.until(lambda: told(house)["a"]["params"] == {"lr": 2})
    assert house.supervisor.status(BOARD).generation == 1, "without a restart"

    await describe(house, "a")
    house.supervisor.wake(BOARD)
    await house.until(lambda: not file_of(house).exists())


async def test_what_a_killed_gateway_left_half_written_is_in_nobodys_way(
    house: "House", links: BoardLinks
) -> None:
    file_of(house).parent.mkdir(parents=True)
    file_of(house).with_suffix(".new").write_text('{"a": {"no')
    file_of(house).write_text('{"gone": {"notes": "of a former plan"}}')
    await house.show("a")
    await describe(house, "a", notes="hm")
    await links.sync(read=True)
    assert told(house).keys() == {"a"}
    assert [one.name for one in file_of(house).parent.iterdir()] == [file_of(house).name]


async def test_the_names_are_those_of_the_links(house: "House", links: BoardLinks) -> None:
    await house.show("a")
    await house.show("a", root="team")
    for number, one in enumerate(house.store.experiments_named("a")):
        async with house.store.transaction() as tx:
            tx.put(Description(experiment_id=one.id, notes=str(number)))
    await links.sync(read=True)
    assert told(house).keys() == {"runs:a", "team:a"} == set(house.links)


async def test_a_file_that_cannot_be_written_keeps_no_board_down_and_is_tried_again(
    house: "House", links: BoardLinks
) -> None:
    await house.show("a")
    await describe(house, "a", notes="hm")
    file_of(house).mkdir(parents=True)
    with capture_logs() as logs:
        await links.sync(read=True)
        await links.sync(read=True)
    assert len(complaints(logs)) == 1, "told once"
    assert list(house.links) == ["a"]
    assert links.due_at is not None
    assert not links.due()

    file_of(house).rmdir()
    house.clock.ahead += 10
    assert links.due()
    await links.sync(read=True)
    assert told(house)["a"]["notes"] == "hm"
    assert links.due_at is None


async def test_nothing_is_due_of_a_process_that_is_over(house: "House", links: BoardLinks) -> None:
    await house.show("a")
    await describe(house, "a", notes="hm")
    file_of(house).mkdir(parents=True)
    await links.sync(read=True)
    links.let_go()
    assert links.due_at is None


async def test_what_is_too_much_for_a_process_is_left_out_and_said(
    house: "House", links: BoardLinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descriptions, "_MOST", 250)
    for name in ("a", "b", "c"):
        await house.show(name)
        await describe(house, name, notes="n" * 60)
    with capture_logs() as logs:
        await links.sync(read=True)
    assert told(house).keys() == {"a", "b"}
    assert complaints(logs) == ["1 experiments are too many to describe"]


async def test_what_is_left_out_is_not_even_made(
    house: "House", links: BoardLinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descriptions, "_MOST", 1_000_000)
    for number in range(60):
        await house.show(f"e{number}")
        await describe(house, f"e{number}", notes="é" * 65_536)
    tracemalloc.start()
    await links.sync(read=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(told(house)) == 7
    assert most < 4_000_000, "bytes, of 8 million that all would take"


async def test_it_goes_with_the_board(house: "House") -> None:
    await house.show("a")
    await describe(house, "a", notes="hm")
    await house.supervisor.upstream(BOARD)
    assert os.path.lexists(file_of(house))
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    house.supervisor.wake(BOARD)
    await house.until(lambda: not house.layout.board(BOARD).exists())
