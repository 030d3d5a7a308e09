"""How long boards take to open."""

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.names import BoardId
from tbgateway.supervisor.openings import Openings

VISION, AUDIO = BoardId("tb1"), BoardId("tb2")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_opening_lasts_from_the_start_of_the_process_to_its_first_answer() -> None:
    clock = Clock()
    openings = Openings(clock)
    for seconds, state in (
        (0.0, BoardState.SLEEPING),
        (10.0, BoardState.STARTING),
        (11.0, BoardState.STARTING),
        (13.0, BoardState.RUNNING),
        (20.0, BoardState.RUNNING),
        (30.0, BoardState.STOPPING),
    ):
        clock.now = seconds
        openings.saw(VISION, state)

    assert openings.took(VISION) == 3.0
    assert openings.lasts(VISION) == 0.0
    assert openings.took(AUDIO) is None


def test_while_it_lasts_it_can_be_asked_for_how_long() -> None:
    clock = Clock()
    openings = Openings(clock)
    openings.saw(VISION, BoardState.STARTING)
    clock.now = 4.0

    assert openings.lasts(VISION) == 4.0
    assert openings.took(VISION) is None


def test_the_newest_opening_counts_and_one_that_fails_is_none() -> None:
    clock = Clock()
    openings = Openings(clock)
    for seconds, state in (
        (0.0, BoardState.STARTING),
        (5.0, BoardState.RUNNING),
        (6.0, BoardState.STARTING),
        (7.0, BoardState.RUNNING),
        (8.0, BoardState.STARTING),
        (9.0, BoardState.RESTARTING),
        (10.0, BoardState.RUNNING),
    ):
        clock.now = seconds
        openings.saw(VISION, state)

    assert openings.took(VISION) == 1.0


def test_nothing_is_kept_of_a_deleted_board() -> None:
    openings = Openings(Clock())
    openings.saw(VISION, BoardState.STARTING)
    openings.saw(VISION, BoardState.RUNNING)
    openings.saw(VISION, BoardState.STARTING)
    openings.saw(VISION, None)

    assert openings.took(VISION) is None
    assert repr(openings) == "<Openings 0 go on, 0 are known>"
