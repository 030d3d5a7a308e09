"""What people and scripts say of experiments."""

import asyncio

import pytest
from house import ADA, House, snapshot

from tbgateway.boards import Entry
from tbgateway.discovery import FileReading
from tbgateway.domain.description import Edit, Told
from tbgateway.domain.description_file import FileSays
from tbgateway.domain.errors import InvalidInputError, NotFoundError
from tbgateway.domain.model import Description, Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.experiments.describing import Describing
from tbgateway.experiments.waking import Waking


def said(house: House, name: str = "a") -> Description:
    return house.experiments.description(house.experiments.find(name).id)


async def test_what_nobody_described_has_an_empty_description(house: House) -> None:
    await house.find("a")
    experiment = house.experiments.find("a")
    assert said(house) == Description(experiment_id=experiment.id)
    assert house.experiments.description(ExperimentId("ex0000000000")).params == {}
    assert not house.store.descriptions


async def test_an_edit_is_stored_and_changes_what_it_says(house: House) -> None:
    await house.find("a")
    edit = Edit(params={"lr": 0.1, "n": 3}, add_tags=("x", "y"), notes="# n")
    described = await house.experiments.describe("a", edit)
    assert described == house.experiments.find("a")
    await house.experiments.describe(described.id, Edit(params={"n": None}, remove_tags=("x",)))
    assert (said(house).params, said(house).tags, said(house).notes) == ({"lr": 0.1}, ("y",), "# n")


async def test_an_edit_that_changes_nothing_is_not_stored(house: House) -> None:
    await house.find("a")
    commits = house.store.commits.done
    await house.experiments.describe("a", Edit())
    await house.experiments.describe("a", Edit(params={"x": None}, remove_tags=("y",), notes=""))
    assert house.store.commits.done == commits


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (Edit(params={"a=b": 1}), "params"),
        (Edit(params={"a": float("nan")}), "params"),
        (Edit(add_tags=("a,b",)), "tags"),
        (Edit(notes="\x00"), "notes"),
    ],
)
async def test_an_odd_edit_is_refused_as_a_whole(house: House, edit: Edit, field: str) -> None:
    await house.find("a")
    before = snapshot(house.store)
    with pytest.raises(InvalidInputError) as refused:
        await house.experiments.describe("a", edit)
    assert refused.value.field == field
    assert snapshot(house.store) == before


async def test_what_is_not_there_cannot_be_described(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.experiments.describe("a", Edit(notes="x"))


async def test_edits_at_once_lose_nothing(house: House) -> None:
    await house.find("a")
    edits = [Edit(params={f"p{n}": n}, add_tags=(f"t{n}",)) for n in range(20)]
    await asyncio.gather(*(house.experiments.describe("a", edit) for edit in edits))
    assert len(said(house).params) == len(said(house).tags) == 20


async def test_the_boards_that_show_it_are_woken(house: House) -> None:
    await house.find("a", "b")
    board = await house.boards.create(ADA, "vision", ["a"], Entry())
    woken: list[str] = []
    house.store.listen(Waking(house.store, woken.append))
    await house.experiments.describe("b", Edit(notes="x"))
    assert woken == []
    await house.experiments.describe("a", Edit(notes="x"))
    assert woken == [board.id]
    await house.experiments.describe("a", Edit(notes="x"))
    assert woken == [board.id]


async def test_the_scan_that_read_a_file_before_it_began_anew_may_be_forgotten_afterwards(
    house: House,
) -> None:
    await house.find("a")
    experiment, describing = house.experiments.find("a"), Describing(house.store)
    reading = FileReading(FileSays(notes="n"), "", '{"notes": "n"}', at=4.0)
    async with house.store.transaction() as tx:
        describing.begin(tx, experiment.id, Told(), None, 5.0)
    assert describing.news(experiment.id, reading) is None
    describing.forget_begun(5.0)
    assert describing.news(experiment.id, reading) is None, "it may still be on its way"
    describing.forget_begun(5.1)
    assert describing.news(experiment.id, reading) is not None


async def test_a_description_goes_with_its_experiment(house: House) -> None:
    path = house.write("a/nested")
    made = await house.experiments.register(str(path), told=Told(notes="x"))
    await house.experiments.delete(ADA, made.id)
    assert not house.store.descriptions


# --- told by registering


async def test_what_is_told_at_first_is_there_with_the_experiment(house: House) -> None:
    told = Told(params={"lr": 0.1}, tags=("x",), notes="n")
    commits = house.store.commits.done
    made = await house.experiments.register(str(house.write("a")), told=told)
    assert house.store.commits.done == commits + 1
    assert house.store.descriptions[made.id] == Description(
        experiment_id=made.id, params={"lr": 0.1}, tags=("x",), notes="n"
    )


async def test_what_is_told_of_a_known_one_is_added(house: House) -> None:
    path = str(house.write("a"))
    for told in (
        Told(params={"lr": 0.1, "n": 1}, tags=("x",), notes="n"),
        Told(params={"lr": 0.2}, tags=("y", "x")),
        Told(),
    ):
        made: Experiment = await house.experiments.register(path, told=told)
    found = house.store.descriptions[made.id]
    assert (found.params, found.tags, found.notes) == ({"lr": 0.2, "n": 1}, ("x", "y"), "n")


async def test_what_cannot_be_told_registers_nothing(house: House) -> None:
    path = house.write("a/nested")
    before = snapshot(house.store)
    for told in (Told(params={"a=": 1}), Told(tags=("x", "x")), Told(notes="\x00")):
        with pytest.raises(InvalidInputError):
            await house.experiments.register(str(path), told=told, lease=60.0)
    assert snapshot(house.store) == before


async def test_too_much_together_registers_nothing(house: House) -> None:
    path = str(house.write("a"))
    await house.experiments.register(path, told=Told(tags=tuple(f"t{n}" for n in range(64))))
    before = snapshot(house.store)
    with pytest.raises(InvalidInputError, match="65 tags are too many"):
        await house.experiments.register(path, name="other", told=Told(tags=("more",)))
    assert snapshot(house.store) == before
