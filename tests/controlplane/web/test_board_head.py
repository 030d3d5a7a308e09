"""What a board is said to do, in every state."""

from dataclasses import replace

import pytest
from board_records import NOW, board

from tbgateway.controlplane.web.board_head import head_of
from tbgateway.controlplane.web.membership_list import Tally
from tbgateway.domain.lifecycle import BoardState
from tbgateway.supervisor.status import BoardStatus

NONE = Tally(experiments=0, adding=0, visible=0, waiting=0)
ALL = Tally(experiments=3, adding=1, visible=3, waiting=0)
SOME = Tally(experiments=3, adding=0, visible=1, waiting=2)
FLAWED = Tally(experiments=3, adding=0, visible=1, waiting=0)


@pytest.mark.parametrize(
    ("tally", "said", "settled"),
    [
        (NONE, "No experiment is on it yet.", True),
        (ALL, "All its experiments can be seen.", True),
        (replace(ALL, experiments=1, visible=1), "Its experiment can be seen.", True),
        (SOME, "1 of 3 experiments can be seen; TensorBoard reads the others.", False),
        (FLAWED, "1 of 3 experiments can be seen; the others have a problem.", True),
    ],
)
def test_a_running_board_says_what_it_shows(tally: Tally, said: str, *, settled: bool) -> None:
    head = head_of(board(1, "vision"), BoardStatus(state=BoardState.RUNNING), tally, NOW)

    assert (head.doing, head.settled) == (said, settled)
    assert (head.starts, head.stops) == (False, True)


@pytest.mark.parametrize("state", [one for one in BoardState if one is not BoardState.RUNNING])
@pytest.mark.parametrize("reason", ["", "it ran out of memory"])
def test_every_state_is_said_in_a_sentence_with_its_reason(state: BoardState, reason: str) -> None:
    paused = state is BoardState.PAUSED
    status = BoardStatus(state=state, reason=reason)

    head = head_of(board(1, "vision", paused=paused), status, ALL, NOW)

    assert head.doing.endswith(".")
    assert "{" not in head.doing
    tells = state not in {BoardState.SLEEPING, BoardState.PAUSED}
    assert not (tells and reason) or reason in head.doing


@pytest.mark.parametrize(
    ("state", "starts", "stops", "settled"),
    [
        (BoardState.SLEEPING, True, True, True),
        (BoardState.STARTING, False, True, False),
        (BoardState.STOPPING, False, True, False),
        (BoardState.RESTARTING, False, True, False),
        (BoardState.FAILED, True, True, True),
    ],
)
def test_what_can_be_done_follows_from_the_state(
    state: BoardState, *, starts: bool, stops: bool, settled: bool
) -> None:
    head = head_of(board(1, "vision"), BoardStatus(state=state), ALL, NOW)

    assert (head.starts, head.stops, head.settled) == (starts, stops, settled)


@pytest.mark.parametrize("state", [BoardState.RUNNING, BoardState.STOPPING, BoardState.PAUSED])
def test_a_board_that_somebody_stopped_can_be_started_before_it_has_ended(
    state: BoardState,
) -> None:
    head = head_of(board(1, "vision", paused=True), BoardStatus(state=state), ALL, NOW)

    assert (head.starts, head.stops) == (True, False)
    assert head.settled is (state is BoardState.PAUSED)
    assert head.doing.startswith("Somebody stopped it")
