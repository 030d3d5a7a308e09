"""Forgetting many experiments at once, but for those that have to stay."""

import shutil

from house import ADA, BOB, House

from tbgateway.boards import Entry
from tbgateway.domain.model import Access
from tbgateway.experiments.forgetting import Sorted

SECRET = Entry(access=Access.PASSWORD, username="visitor", password="the-boards-password")


def told(outcome: Sorted) -> tuple[set[str], dict[str, str]]:
    """Return the names of those that go, and why the others stay."""
    staying = {one.name: refusal.detail for one, refusal in outcome.staying}
    return {one.name for one in outcome.forgettable}, staying


async def furnish(house: House) -> None:
    """Have `gone` and `away` without a directory, `on-board` on two boards, `there` in its root."""
    await house.find("gone", "away", "on-board", "there")
    await house.boards.create(ADA, "vision", ["on-board"], Entry())
    await house.boards.create(ADA, "mine", ["on-board"], SECRET)
    for name in ("gone", "away"):
        shutil.rmtree(house.home / "runs" / name)
    await house.experiments.rescan()


async def test_those_that_can_go_do_and_each_other_one_says_why_not(house: House) -> None:
    await furnish(house)
    everything = house.experiments.list()

    asked = told(await house.experiments.sort_out(ADA, everything))
    assert len(house.experiments.list()) == 4
    done = told(await house.experiments.delete_all(ADA, everything))

    assert asked == done
    assert done == (
        {"gone", "away"},
        {
            "on-board": "'on-board' is on 2 board(s): vision, mine.",
            "there": "'there' still lies below a logdir root and would be found again.",
        },
    )
    assert {one.name for one in house.experiments.list()} == {"on-board", "there"}


async def test_a_reason_names_no_board_that_one_may_not_see(house: House) -> None:
    await furnish(house)
    _, staying = told(await house.experiments.delete_all(BOB, house.experiments.list()))
    assert staying["on-board"] == "'on-board' is on 2 board(s): vision, 1 that you may not see."


async def test_what_was_forgotten_meanwhile_is_neither_gone_nor_staying(house: House) -> None:
    await furnish(house)
    chosen = [house.experiments.find(name) for name in ("gone", "away")]
    await house.experiments.delete(ADA, "away")
    assert told(await house.experiments.delete_all(ADA, chosen)) == ({"gone"}, {})
