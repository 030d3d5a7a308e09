"""Finding experiments, and saying how they ended."""

import shutil

import pytest
from house import ADA, House, snapshot

from tbgateway.boards import Entry
from tbgateway.domain.errors import AmbiguousNameError, ConflictError, NotFoundError
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.experiments import Search

SILENCE = 900.0  # seconds; the setting's default


def state_of(house: House, name: str = "a") -> tuple[str, str]:
    experiment = house.experiments.find(name)
    return experiment.state.value, experiment.reason


async def later(house: House, seconds: float) -> None:
    house.clock.ahead += seconds
    await house.experiments.rescan()


# --- finding


async def test_an_experiment_is_found_by_id_name_root_and_name_or_path(house: House) -> None:
    await house.find("a, b", "c")
    (experiment,) = house.store.experiments_named("a, b")
    path = str(house.home / "runs" / "a, b")
    for ref in (experiment.id, "a, b", "runs:a, b", path, f"{path}/"):
        assert house.experiments.find(ref) == experiment


@pytest.mark.parametrize(
    "ref", ["", "b", "A", "team:a", "runs:", ":a", "/", "/runs/a", "ex0123456789", "a/"]
)
async def test_what_is_no_experiment_is_said_with_what_to_do(house: House, ref: str) -> None:
    await house.find("a")
    with pytest.raises(NotFoundError, match="There is no experiment") as refused:
        house.experiments.find(ref)
    assert "register a directory by its path" in refused.value.hint


async def test_a_name_of_two_roots_needs_its_root_until_one_is_gone(house: House) -> None:
    await house.find("a", "b")
    await house.find("a", root="team")
    with pytest.raises(AmbiguousNameError, match="more than one logdir root") as refused:
        house.experiments.find("a")
    assert refused.value.hint == "Use one of: runs:a, team:a"
    theirs = house.experiments.find("team:a")
    assert theirs.path == str(house.home / "team" / "a")
    assert house.experiments.display_name(theirs) == "team:a"
    shutil.rmtree(theirs.path)
    house.write("z", root="team")
    await house.experiments.rescan()
    await house.experiments.delete(ADA, "team:a")
    assert house.experiments.display_name(house.experiments.find("a")) == "a"


async def test_a_colon_in_a_name_is_part_of_it(house: House) -> None:
    await house.find("x:y", "team:a")
    await house.find("a", root="team")
    assert house.experiments.find("x:y").name == "x:y"
    assert house.experiments.find("team:a").root == "runs"


async def test_experiments_are_chosen_by_state_and_text_or_sorted_by_their_newest_event(
    house: House,
) -> None:
    for name, age in (("aged", 500.0), ("New, one", 1.0), ("middle", 50.0)):
        house.write(name, age=age)
    await house.experiments.rescan()
    await house.experiments.complete("aged", by="ada")

    def listed(state: ExperimentState | None = None, text: str | None = None) -> list[str]:
        return [one.name for one in house.experiments.list(Search(state=state, text=text))]

    assert [one.name for one in house.experiments.newest(9)] == ["New, one", "middle", "aged"]
    assert [one.name for one in house.experiments.newest(2)] == ["New, one", "middle"]
    assert house.experiments.count == 3
    assert set(listed()) == {"New, one", "middle", "aged"}
    assert listed(text="NEW") == ["New, one"]
    assert listed(ExperimentState.COMPLETED) == ["aged"]
    assert listed(ExperimentState.COMPLETED, "new") == []


async def test_what_was_written_just_now_is_known_without_waiting_for_a_scan(house: House) -> None:
    house.write("a")
    assert await house.experiments.seek(["a"]) == (house.experiments.find("a").id,)
    house.write("b")
    assert (await house.experiments.complete("b", by="ada")).state is ExperimentState.COMPLETED
    with pytest.raises(NotFoundError):
        await house.experiments.seek(["c"])


# --- their ends


async def test_silence_completes_an_experiment_and_new_data_brings_it_back(house: House) -> None:
    await house.find("a")
    await later(house, SILENCE - 60)
    assert state_of(house) == ("running", "")
    await later(house, 61)
    assert state_of(house)[0] == "completed"
    assert "no new event for" in state_of(house)[1]
    house.write("a", size=20)
    await house.experiments.rescan()
    assert state_of(house) == ("running", "new events after it was completed")
    await later(house, SILENCE + 1)
    assert state_of(house)[0] == "completed"


async def test_an_experiment_that_is_older_than_the_silence_is_found_completed(
    house: House,
) -> None:
    house.write("a", age=SILENCE + 60)
    await house.experiments.rescan()
    assert state_of(house)[0] == "completed"


async def test_a_held_experiment_is_never_completed_by_silence(house: House) -> None:
    path = house.write("a", age=SILENCE + 60)
    await house.experiments.register(str(path), held=True)
    empty = house.home / "runs" / "empty"
    empty.mkdir()
    await house.experiments.register(str(empty), held=True)
    await later(house, 50 * SILENCE)
    assert state_of(house)[0] == state_of(house, "empty")[0] == "running"
    assert not (await house.experiments.complete("a", by="ada")).held
    house.write("a", size=20)
    await house.experiments.rescan()
    assert state_of(house)[0] == "running"
    await later(house, SILENCE + 60)
    assert state_of(house)[0] == "completed"


async def test_somebody_says_that_an_experiment_is_over_and_who_it_was(house: House) -> None:
    await house.find("a", "b", "c")
    await house.experiments.complete("a", by="ada")
    await house.experiments.fail("b", reason="loss is NaN", by="ada")
    await house.experiments.fail("c", reason="", by="ada")
    assert state_of(house, "a") == ("completed", "completed by ada")
    assert state_of(house, "b") == ("failed", "loss is NaN")
    assert state_of(house, "c") == ("failed", "failed, said ada")
    await later(house, SILENCE + 1)
    assert state_of(house, "a") == ("completed", "completed by ada")
    assert state_of(house, "b")[0] == "failed"


async def test_what_came_before_the_end_was_said_is_no_new_data(house: House) -> None:
    await house.find("a")
    house.write("a", size=500)  # the last events, which no scan has seen
    assert (await house.experiments.complete("a", by="ada")).bytes == 500
    await house.experiments.rescan()
    assert state_of(house)[0] == "completed"
    house.write("a", size=501)
    await house.experiments.rescan()
    assert state_of(house)[0] == "running"


async def test_new_data_does_not_take_back_that_an_experiment_failed(house: House) -> None:
    await house.find("a")
    await house.experiments.fail("a", reason="NaN", by="ada")
    house.write("a", size=500)
    await house.experiments.rescan()
    assert state_of(house) == ("failed", "NaN")
    assert house.experiments.find("a").bytes == 500


async def test_the_end_of_an_experiment_whose_directory_is_away_is_not_forgotten(
    house: House,
) -> None:
    await house.find("a", "b")
    path = house.home / "runs" / "a"
    path.rename(house.home / "away")
    ended = await house.experiments.complete("a", by="ada")
    assert (ended.bytes, ended.problem) == (10, "its directory is missing")
    (house.home / "away").rename(path)
    await house.experiments.rescan()
    assert state_of(house) == ("completed", "completed by ada")
    assert house.experiments.find("a").problem is None


async def test_an_end_said_twice_is_the_last_one(house: House) -> None:
    await house.find("a")
    await house.experiments.complete("a", by="ada")
    await house.experiments.fail("a", reason="after all", by="ada")
    assert state_of(house) == ("failed", "after all")
    await house.experiments.complete("a", by="bob")
    assert state_of(house) == ("completed", "completed by bob")


# --- forgetting


async def refuse_to_delete(house: House, ref: str) -> str:
    before = snapshot(house.store)
    with pytest.raises(ConflictError) as refused:
        await house.experiments.delete(ADA, ref)
    assert snapshot(house.store) == before
    return f"{refused.value.detail} {refused.value.hint} {refused.value.command}"


async def test_an_experiment_on_a_board_is_not_forgotten(house: House) -> None:
    await house.experiments.register(str(house.write("a/nested")))
    await house.boards.create(ADA, "vision", ["a/nested"], Entry())
    words = await refuse_to_delete(house, "a/nested")
    assert "on 1 board(s): vision" in words
    assert "board remove" in words


async def test_an_experiment_that_would_be_found_again_is_not_forgotten(house: House) -> None:
    await house.find("a")
    assert "move the directory away first" in await refuse_to_delete(house, "a")
    await house.experiments.register(str(house.home / "runs" / "a"), name="mine", held=True)
    assert "move the directory away first" in await refuse_to_delete(house, "mine")
    await house.experiments.register(str(house.home / "runs" / "a"), name="a")
    (house.home / "runs" / "a" / "out").symlink_to(house.home)
    await house.experiments.rescan()
    assert house.experiments.find("a").problem is not None
    await refuse_to_delete(house, "a")


async def test_an_experiment_whose_directory_is_gone_can_be_forgotten(house: House) -> None:
    await house.find("a", "b")
    shutil.rmtree(house.home / "runs" / "a")
    await house.experiments.delete(ADA, "a")
    await house.experiments.rescan()
    assert [one.name for one in house.experiments.list()] == ["b"]


async def test_an_empty_one_that_was_registered_is_forgotten(house: House) -> None:
    path = house.home / "runs" / "a"
    path.mkdir()
    await house.experiments.register(str(path), held=True)
    await house.experiments.delete(ADA, "a")
    await house.experiments.rescan()
    assert not house.store.experiments


async def test_a_registered_one_is_forgotten_and_its_files_stay(house: House) -> None:
    path = house.write("a/nested")
    made = await house.experiments.register(str(path), name="mine")
    await house.experiments.delete(ADA, made.id)
    assert any(path.iterdir())
    await house.experiments.rescan()
    assert [one.name for one in house.experiments.list()] == ["a"]
    with pytest.raises(NotFoundError):
        await house.experiments.delete(ADA, "mine")


async def test_an_experiment_of_a_root_that_is_not_served_any_more_can_be_forgotten(
    house: House,
) -> None:
    left = Experiment(
        id="ex0123456789", root="gone", name="a", path="/gone/a", bytes=10, last_event_at=1.0,
        created_at=0.0,
    )  # fmt: skip
    async with house.store.transaction() as tx:
        tx.put(left)
    await house.experiments.rescan()
    assert "'gone' is not configured" in str(house.experiments.find("a").problem)
    ended = await house.experiments.complete("a", by="ada")
    assert (ended.bytes, ended.last_event_at) == (10, 1.0)
    await house.experiments.delete(ADA, "a")
    assert not house.store.experiments
