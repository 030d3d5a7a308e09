from dataclasses import replace

import pytest
from house import ADA, House

from tbgateway.boards import Entry, MembershipView
from tbgateway.domain.model import Experiment, Membership, MembershipState
from tbgateway.domain.names import BoardId, ExperimentId

EXPERIMENT = Experiment(
    id=ExperimentId("ex0000000001"), root="runs", name="a", path="/runs/a", created_at=0.0
)
MEMBERSHIP = Membership(board_id=BoardId("tb0000000001"), experiment_id=EXPERIMENT.id, added_at=0.0)
VIEW = MembershipView(MEMBERSHIP, EXPERIMENT, "a", MembershipState.ADDING, None, None)


@pytest.mark.parametrize(
    ("visible", "problem", "settled"),
    [
        (None, None, False),
        (False, None, False),
        (True, None, True),
        (None, "its directory is missing", True),
        (False, "its directory is missing", True),
    ],
)
@pytest.mark.parametrize("state", list(MembershipState))
def test_it_is_settled_when_it_is_shown_or_never_will_be_and_does_not_leave(
    state: MembershipState, *, visible: bool | None, problem: str | None, settled: bool
) -> None:
    view = replace(VIEW, state=state, visible=visible, problem=problem)
    assert view.settled is (settled and state is not MembershipState.REMOVING)


async def test_a_view_says_at_any_time_what_is_known(house: House) -> None:
    await house.find("a", "b")
    board = await house.boards.create(ADA, "vision", ["a", "b"], Entry())
    await house.experiments.complete("a", by="ada")

    def views() -> list[tuple[str, str, bool | None]]:
        found = house.boards.memberships(house.store.boards[board.id])
        return [(one.name, one.state.value, one.visible) for one in found]

    assert views() == [("a", "added", None), ("b", "adding", None)]
    assert await house.boards.wait(board, "visible", seconds=30)
    assert views() == [("a", "added", True), ("b", "adding", True)]
    house.write("a", size=20)  # more events after it was completed
    await house.experiments.rescan()
    assert views() == [("a", "adding", True), ("b", "adding", True)]
    await house.boards.pause(ADA, "vision")
    await house.wait_for(board.id, lambda: views()[0][2] is None)
    assert views() == [("a", "adding", None), ("b", "adding", None)]


async def test_the_problem_of_an_experiment_is_each_boards_problem(house: House) -> None:
    await house.find("a")
    board = await house.boards.create(ADA, "vision", ["a"], Entry())
    house.write("b")
    for file in (house.home / "runs" / "a").iterdir():
        file.unlink()
    (house.home / "runs" / "a").rmdir()
    await house.experiments.rescan()
    (view,) = house.boards.memberships(board)
    assert view.problem == "its directory is missing"
    assert view.experiment.problem == view.problem
