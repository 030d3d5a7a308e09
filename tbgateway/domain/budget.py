"""Who sleeps when there is no room for all boards. Pure: the same arguments, the same answer.

The board that nobody asked for the longest sleeps first. One with a request in flight never does,
nor one that starts or that was asked a moment ago: its page is still being loaded. Those that are
never to sleep by themselves go last: being wanted at all times, they are not wanted more than
what somebody asks for now. Times are seconds of one monotonic clock, memory is in bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tbgateway.domain.names import BoardId

JUST_ASKED = 1.0
"""Seconds after a request for which a board counts as in use."""


class Limit(StrEnum):
    """What keeps another board from running: the setting's name."""

    COUNT = "max_running"
    MEMORY = "memory_budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How many boards may run (`most`; 0 is any number), and what they may take together."""

    most: int
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """A board with a process, or that is about to have one.

    `busy` while a request is in flight or somebody waits for it, `leaving` while its process ends,
    `lasting` if it does not sleep by itself.
    """

    board: BoardId
    memory: int
    asked_at: float
    busy: bool = False
    leaving: bool = False
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """Who is to sleep, and what a newcomer still `lacks` as long as they run."""

    sleep: tuple[BoardId, ...] = ()
    lacks: Limit | None = None


def make_room(
    occupants: Sequence[Occupant], capacity: Capacity, now: float, newcomer: int | None = None
) -> Room:
    """Return what brings the boards within the capacity, with a newcomer of so much memory.

    Nobody sleeps for a newcomer that would not have room even so. A board that is alone has room,
    whatever it takes: the limit of a single board is another one.
    """
    lacks = None if newcomer is None else _excess(occupants, capacity, newcomer)
    staying = [one for one in occupants if not one.leaving]
    sleep: list[BoardId] = []
    for one in sorted(_idle(staying, now), key=lambda one: (one.lasting, one.asked_at)):
        if _excess(staying, capacity, newcomer) is None:
            break
        staying.remove(one)
        sleep.append(one.board)
    if newcomer is not None and _excess(staying, capacity, newcomer) is not None:
        return Room(lacks=lacks)
    return Room(tuple(sleep), lacks)


def _idle(occupants: Iterable[Occupant], now: float) -> list[Occupant]:
    return [one for one in occupants if not one.busy and now - one.asked_at >= JUST_ASKED]


def _excess(
    occupants: Sequence[Occupant], capacity: Capacity, newcomer: int | None
) -> Limit | None:
    """Return which limit is exceeded, if any; one board alone exceeds none."""
    count = len(occupants) + (newcomer is not None)
    if count <= 1:
        return None
    if 0 < capacity.most < count:
        return Limit.COUNT
    memory = sum(one.memory for one in occupants) + (newcomer or 0)
    return Limit.MEMORY if memory > capacity.memory else None
