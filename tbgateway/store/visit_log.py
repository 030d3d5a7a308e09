"""Visits: in memory at once, on the disk with the next flush, because they come by the hundred."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tbgateway.domain.model import Board, Visit, VisitorKind
from tbgateway.domain.names import BoardId
from tbgateway.store.memory import Change, Memory
from tbgateway.store.tables import VisitKey

_VISIT = 1.0  # seconds; a page asks for a hundred things: what comes so soon is the same visit


@dataclass(slots=True)
class Unwritten:
    """What was visited, and by whom, since the last flush."""

    boards: set[BoardId] = field(default_factory=set)
    visits: set[VisitKey] = field(default_factory=set)


class VisitLog:
    """Notes visits in memory, and says what of them is still to be written."""

    def __init__(self, memory: Memory) -> None:
        self._boards = memory.boards
        self._visits = memory.visits
        self._unwritten = Unwritten()

    def touch(self, board_id: BoardId, when: float) -> None:
        """Note that a board is being looked at (Unix seconds)."""
        board = self._boards.rows.get(board_id)
        if board is not None and (board.last_visited_at or 0) + _VISIT <= when:
            self._boards.put(replace(board, last_visited_at=when))
            self._unwritten.boards.add(board_id)

    def look(self, board_id: BoardId, kind: VisitorKind, visitor: str, when: float) -> None:
        """Note who opened a board's page (Unix seconds)."""
        if board_id not in self._boards.rows:
            return
        key = (board_id, kind, visitor)
        known = self._visits.rows.get(key)
        if known is None:
            visit = Visit(
                board_id=board_id, kind=kind, visitor=visitor, first_at=when, last_at=when
            )
        else:
            visit = known.again(when)
        self._visits.put(visit)
        self._unwritten.visits.add(key)

    def take(self) -> Unwritten:
        """Return what is to be written now; `put_back` it if that fails."""
        taken, self._unwritten = self._unwritten, Unwritten()
        return taken

    def put_back(self, taken: Unwritten) -> None:
        """Have it written with the next flush."""
        self._unwritten.boards |= taken.boards
        self._unwritten.visits |= taken.visits

    def changes(self, taken: Unwritten) -> list[Change]:
        """Return what was taken as changes, but for boards that are gone and what was theirs."""
        for key in taken.visits:
            if key[0] not in self._boards.rows:  # its board was being deleted when somebody came
                self._visits.discard(key)
        boards = map(self._boards.rows.get, taken.boards)
        visits = map(self._visits.rows.get, taken.visits)
        return [Change(one, keep=True) for one in (*boards, *visits) if one is not None]

    def with_newest(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Keep what was read before a visit from taking the visit back."""
        for change in changes:
            match change.record:
                case Board(id=board_id, last_visited_at=when) if change.keep:
                    newest = _newest(when, self._boards.rows.get(board_id))
                    yield replace(change, record=replace(change.record, last_visited_at=newest))
                case Visit() as visit if change.keep:
                    key = self._visits.table.key(visit)
                    yield replace(change, record=self._visits.rows.get(key, visit))
                case _:
                    yield change


def _newest(when: float | None, board: Board | None) -> float | None:
    if board is None or board.last_visited_at is None:
        return when
    return board.last_visited_at if when is None else max(when, board.last_visited_at)
