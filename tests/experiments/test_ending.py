"""Saying of many experiments at once that they are over."""

import pytest
from house import House

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ExperimentState


async def test_many_are_ended_in_one_transaction_as_they_are_by_then(house: House) -> None:
    await house.find("a", "b", "c")
    await house.find("d", root="team")
    house.write("a", size=500)  # no scan has seen it
    commits = house.store.commits.done

    ended = await house.experiments.complete_all(house.experiments.list(), by="ada")

    assert house.store.commits.done == commits + 1
    assert {one.name for one in ended} == {"a", "b", "c", "d"}
    assert {one.reason for one in ended} == {"completed by ada"}
    assert house.experiments.find("a").bytes == house.experiments.find("a").complete_bytes == 500
    await house.experiments.rescan()
    assert {one.state for one in house.experiments.list()} == {ExperimentState.COMPLETED}


async def test_a_reason_is_everybodys(house: House) -> None:
    await house.find("a", "b")
    await house.experiments.fail_all(house.experiments.list(), reason="no disk", by="ada")
    assert {(one.state.value, one.reason) for one in house.experiments.list()} == {
        ("failed", "no disk")
    }


@pytest.mark.parametrize("reason", ["a\x1b[31mb", "two\nlines", "x" * 1025])
async def test_a_reason_of_more_than_a_line_is_refused_as_a_whole(
    house: House, reason: str
) -> None:
    await house.find("a")
    with pytest.raises(InvalidInputError, match="The reason") as refused:
        await house.experiments.fail("a", reason=reason, by="ada")
    assert refused.value.field == "reason"
    assert house.experiments.find("a").state is ExperimentState.RUNNING


async def test_what_was_forgotten_meanwhile_is_left_out_and_stays_forgotten(house: House) -> None:
    await house.find("a", "b")
    chosen = house.experiments.list()
    async with house.store.transaction() as tx:
        tx.drop(house.experiments.find("a"))

    ended = await house.experiments.complete_all(chosen, by="ada")

    assert [one.name for one in ended] == ["b"]
    assert [one.name for one in house.experiments.list()] == ["b"]


async def test_nothing_to_end_is_no_transaction(house: House) -> None:
    commits = house.store.commits.done
    assert await house.experiments.complete_all((), by="ada") == ()
    assert house.store.commits.done == commits
