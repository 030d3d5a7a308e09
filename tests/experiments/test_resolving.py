"""Lists that people paste: names, ids and paths, line by line."""

import asyncio

import pytest
from house import House

from tbgateway.domain.errors import AmbiguousNameError, InvalidInputError, NotFoundError
from tbgateway.experiments import turns


async def names(house: House, text: str) -> list[str]:
    resolved = await house.experiments.resolve(text)
    return [house.experiments.display_name(one) for one in resolved.experiments]


async def test_names_ids_and_paths_are_found_once_each_in_their_order(house: House) -> None:
    await house.find("a", "b", "c")
    first = house.experiments.find("a")

    text = f"c\r\n\n  b  \n{first.id}, {house.home}/runs/b\na\n"

    assert await names(house, text) == ["c", "b", "a"]


async def test_a_name_with_commas_is_not_taken_apart(house: House) -> None:
    await house.find("lr=1,seed=2", "seed=2")

    assert await names(house, "lr=1,seed=2") == ["lr=1,seed=2"]
    resolved = await house.experiments.resolve("lr=2,seed=2")
    assert [one.name for one in resolved.experiments] == ["seed=2"]
    assert [one.text for one in resolved.unresolved] == ["lr=2"]


async def test_what_names_nothing_is_told_with_its_reason_and_the_rest_is_kept(
    house: House,
) -> None:
    await house.find("a", "same")
    await house.find("same", root="team")
    (house.home / "runs" / "empty").mkdir()

    resolved = await house.experiments.resolve(
        f"nothing\na\nsame\n/etc\n{house.home}/runs/empty\nteam:same"
    )

    assert [house.experiments.display_name(one) for one in resolved.experiments] == [
        "a",
        "team:same",
    ]
    told = {one.text: type(one.error) for one in resolved.unresolved}
    assert told == {
        "nothing": NotFoundError,
        "same": AmbiguousNameError,
        "/etc": InvalidInputError,
        f"{house.home}/runs/empty": InvalidInputError,
    }


async def test_what_was_made_since_the_last_scan_is_found_by_one_more(house: House) -> None:
    house.write("fresh")
    house.write("fresher")
    scans = 0
    rescan = house.experiments.rescan

    async def counted() -> None:
        nonlocal scans
        scans += 1
        await rescan()

    house.experiments.rescan = counted  # type: ignore[method-assign] # only counts

    assert await names(house, "fresh\nfresher") == ["fresh", "fresher"]
    assert await names(house, "\n".join(f"unknown-{n}" for n in range(50))) == []
    assert scans == 2


async def test_a_path_that_is_not_known_becomes_an_experiment(house: House) -> None:
    deep = house.write("a/b/c/d/e/f/g")

    assert await names(house, str(deep)) == ["a/b/c/d/e/f/g"]
    assert house.store.experiment_at(str(deep)) is not None


async def test_everybody_else_gets_a_turn_while_a_long_list_is_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_TURN", 0.0)
    await house.find("a")
    taken = 0

    async def take_turns() -> None:
        nonlocal taken
        while True:
            taken += 1
            await asyncio.sleep(0)

    others = asyncio.ensure_future(take_turns())
    assert await names(house, "a\n" * 5000) == ["a"]
    others.cancel()

    assert taken >= 10
