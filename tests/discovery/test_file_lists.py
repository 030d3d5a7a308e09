import asyncio
import threading
from pathlib import Path

import pytest
from experiment_site import EVENTS

from tbgateway.discovery import EventFileLists, Root
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import new_experiment_id
from tbgateway.eventfiles import EventFile


def experiment(path: Path, root: str = "runs") -> Experiment:
    return Experiment(
        id=new_experiment_id(), root=root, name=path.name, path=str(path), created_at=0.0
    )


@pytest.fixture
def events(root: Path) -> Path:
    path = root.resolve() / "resnet" / "train" / EVENTS
    path.parent.mkdir(parents=True)
    path.touch()
    return path


async def test_event_files_are_listed_by_their_runs(root: Path, events: Path) -> None:
    lists = EventFileLists({"runs": Root(root)}, 4)
    found = await lists.of(experiment(events.parents[1]))
    assert found == (EventFile("train", str(events)),)


async def test_nothing_is_listed_outside_of_the_root(root: Path, events: Path) -> None:
    lists = EventFileLists({"runs": Root(root / "resnet"), "gone": Root(root / "gone")}, 4)
    assert await lists.of(experiment(events.parents[2])) is None
    assert await lists.of(experiment(events.parents[1])) is None, "the root itself"
    assert await lists.of(experiment(events.parents[1], root="gone")) is None
    assert await lists.of(experiment(events.parents[1], root="unknown")) is None


async def test_a_root_that_hangs_is_not_asked_again_and_hinders_no_other(
    root: Path, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = EventFileLists({"runs": Root(root), "dead": Root(root)}, 4, patience=0.05)
    answered, asked = threading.Event(), []
    find = lists._find

    def hanging(one: Experiment) -> tuple[EventFile, ...] | None:
        asked.append(one.root)
        if one.root == "dead":
            answered.wait(60)
        return find(one)

    monkeypatch.setattr(lists, "_find", hanging)
    dead = experiment(events.parents[1], root="dead")
    assert await lists.of(dead) is None
    assert await lists.of(dead) is None
    assert asked == ["dead"]
    while not await lists.of(experiment(events.parents[1])):
        await asyncio.sleep(0.01)
    answered.set()
    while not await lists.of(dead):
        await asyncio.sleep(0.01)
