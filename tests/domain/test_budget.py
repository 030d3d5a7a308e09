"""Who sleeps when there is no room for all: examples, and what holds of every house."""

from hypothesis import given
from hypothesis import strategies as st

from tbgateway.domain.budget import Capacity, Limit, Occupant, Room, make_room
from tbgateway.domain.names import BoardId

NOW = 1000.0
PLENTY = 1000


def board(name: str, asked_at: float = 0.0, memory: int = 10, **more: bool) -> Occupant:
    return Occupant(board=BoardId(name), memory=memory, asked_at=asked_at, **more)


def room(*occupants: Occupant, most: int = 0, memory: int = PLENTY, newcomer: int | None) -> Room:
    return make_room(occupants, Capacity(most=most, memory=memory), NOW, newcomer)


def test_where_there_is_room_nobody_sleeps() -> None:
    assert room(board("a"), board("b"), newcomer=10) == Room()
    assert room(newcomer=10) == Room()


def test_the_board_that_nobody_asked_for_the_longest_sleeps_first() -> None:
    house = (board("new", 900.0), board("old", 100.0), board("older", 50.0))
    assert room(*house, most=3, newcomer=10) == Room(("older",), Limit.COUNT)
    assert room(*house, most=2, newcomer=10) == Room(("older", "old"), Limit.COUNT)


def test_memory_counts_as_numbers_do() -> None:
    house = (board("a", 1.0, 30), board("b", 2.0, 30), board("c", 3.0, 30))
    assert room(*house, memory=100, newcomer=10) == Room()
    assert room(*house, memory=99, newcomer=10) == Room(("a",), Limit.MEMORY)
    assert room(*house, memory=99, newcomer=60) == Room(("a", "b"), Limit.MEMORY)


def test_who_is_in_use_does_not_sleep() -> None:
    assert room(board("a", busy=True), most=1, newcomer=10) == Room((), Limit.COUNT)
    assert room(board("a", NOW - 0.5), most=1, newcomer=10) == Room((), Limit.COUNT)
    house = (board("a", busy=True), board("b", 900.0))
    assert room(*house, most=2, newcomer=10) == Room(("b",), Limit.COUNT)


def test_nobody_sleeps_in_vain() -> None:
    house = (board("idle"), board("busy", memory=90, busy=True))
    assert room(*house, memory=100, newcomer=20) == Room((), Limit.MEMORY)


def test_boards_that_do_not_sleep_by_themselves_sleep_last() -> None:
    house = (board("lasting", 1.0, lasting=True), board("other", 900.0))
    assert room(*house, most=2, newcomer=10) == Room(("other",), Limit.COUNT)
    assert room(*house, most=1, newcomer=10) == Room(("other", "lasting"), Limit.COUNT)


def test_whose_process_ends_makes_room_when_it_has_ended() -> None:
    assert room(board("a", leaving=True), board("b"), most=2, newcomer=10) == Room((), Limit.COUNT)


def test_a_board_alone_has_room_whatever_it_takes() -> None:
    assert room(newcomer=10 * PLENTY) == Room()
    assert room(board("a", memory=10 * PLENTY), newcomer=None) == Room()


def test_boards_that_grew_have_the_others_sleep() -> None:
    house = (board("a", 1.0, 60), board("b", 2.0, 60), board("c", 3.0, 60))
    assert room(*house, memory=100, newcomer=None) == Room(("a", "b"))
    assert room(*house, memory=180, newcomer=None) == Room()
    held = board("busy", memory=200, busy=True)
    assert room(held, *house, memory=100, newcomer=None) == Room(("a", "b", "c"))


HOUSES = st.lists(
    st.builds(
        Occupant,
        board=st.uuids().map(lambda one: BoardId(str(one))),
        memory=st.integers(0, 100),
        asked_at=st.sampled_from([0.0, 500.0, 900.0, 999.5, 1000.0]),
        busy=st.booleans(),
        leaving=st.booleans(),
        lasting=st.booleans(),
    ),
    max_size=8,
)
CAPACITIES = st.builds(Capacity, most=st.integers(0, 5), memory=st.integers(0, 400))


@given(HOUSES, CAPACITIES, st.none() | st.integers(0, 100))
def test_who_sleeps_is_idle_and_makes_room(
    house: list[Occupant], capacity: Capacity, newcomer: int | None
) -> None:
    found = make_room(house, capacity, NOW, newcomer)
    by_name = {one.board: one for one in house}
    sleeping = [by_name[name] for name in found.sleep]
    assert not any(one.busy or one.leaving or one.asked_at > NOW - 1 for one in sleeping)
    if newcomer is not None:
        assert not (found.sleep and found.lacks is None), "there was room"
        after = [one for one in house if not one.leaving and one not in sleeping]
        if found.sleep:
            assert make_room(after, capacity, NOW, newcomer) == Room()


@given(HOUSES, CAPACITIES, st.integers(0, 100))
def test_nobody_starts_beyond_the_limits(
    house: list[Occupant], capacity: Capacity, newcomer: int
) -> None:
    if house and make_room(house, capacity, NOW, newcomer).lacks is None:
        assert not 0 < capacity.most <= len(house)
        assert sum(one.memory for one in house) + newcomer <= capacity.memory
