"""Every record in memory, with the indices that make each question cost its answer only."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic

from tbgateway.domain.model import Board, Record, Replacement
from tbgateway.store.tables import (
    BOARDS,
    DESCRIPTIONS,
    EXPERIMENTS,
    GRADIENT_REQUESTS,
    LAUNCHES,
    MEMBERS,
    MEMBERSHIPS,
    RESERVED_NAMES,
    SESSIONS,
    TOKENS,
    VISITS,
    K,
    R,
    Table,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One record to keep as it is here, or to forget."""

    record: Record
    keep: bool


class _Index(Generic[K, R]):
    """The records of each value. Most values have one: it stands there itself, without a dict."""

    def __init__(self, key: Callable[[R], K]) -> None:
        self._key = key
        self._found: dict[Hashable, R | dict[K, R]] = {}

    def put(self, value: Hashable, record: R) -> None:
        """Add the record, or replace the one with its key."""
        found = self._found.get(value)
        key = self._key(record)
        if isinstance(found, dict):
            found[key] = record
        elif found is None or self._key(found) == key:
            self._found[value] = record
        else:
            self._found[value] = {self._key(found): found, key: record}

    def discard(self, value: Hashable, key: K) -> None:
        """Forget the record with this key, which is among those of `value`."""
        found = self._found[value]
        if isinstance(found, dict):
            del found[key]
        if not isinstance(found, dict) or not found:
            del self._found[value]

    def group(self, value: Hashable) -> tuple[R, ...]:
        """Return the records of `value`, in the order they came."""
        found = self._found.get(value)
        if found is None:
            return ()
        return tuple(found.values()) if isinstance(found, dict) else (found,)


class Shelf(Generic[K, R]):
    """The records of one table. `rows` is a live view: copy it before awaiting anything."""

    def __init__(self, table: Table[K, R]) -> None:
        self.table = table
        self._rows: dict[K, R] = {}
        self._indices = {name: _Index[K, R](table.key) for name in table.indices}
        self.rows = MappingProxyType(self._rows)

    def put(self, record: R) -> None:
        """Add the record, or replace the one with its key."""
        key = self.table.key(record)
        before = self._rows.get(key)
        self._rows[key] = record
        for name, value_of in self.table.indices.items():
            if before is not None and value_of(before) != value_of(record):
                self._indices[name].discard(value_of(before), key)
            self._indices[name].put(value_of(record), record)

    def discard(self, key: K) -> None:
        """Forget the record with this key, if there is one."""
        record = self._rows.pop(key, None)
        if record is not None:
            for name, value_of in self.table.indices.items():
                self._indices[name].discard(value_of(record), key)

    def group(self, index: str, value: Hashable) -> tuple[R, ...]:
        """Return the records whose `index` is `value`, in the order they came."""
        return self._indices[index].group(value)


class Memory:
    """All shelves, and the highest number of a generation that a board now gone had."""

    def __init__(self) -> None:
        self.highest_gone = 0
        self.members = Shelf(MEMBERS)
        self.tokens = Shelf(TOKENS)
        self.sessions = Shelf(SESSIONS)
        self.experiments = Shelf(EXPERIMENTS)
        self.descriptions = Shelf(DESCRIPTIONS)
        self.boards = Shelf(BOARDS)
        self.reserved_names = Shelf(RESERVED_NAMES)
        self.memberships = Shelf(MEMBERSHIPS)
        self.visits = Shelf(VISITS)
        self.gradient_requests = Shelf(GRADIENT_REQUESTS)
        self.launches = Shelf(LAUNCHES)
        shelves: tuple[Shelf[Any, Any], ...] = (
            self.members,
            self.tokens,
            self.sessions,
            self.experiments,
            self.descriptions,
            self.boards,
            self.reserved_names,
            self.memberships,
            self.visits,
            self.gradient_requests,
            self.launches,
        )
        self._shelves = {shelf.table.record: shelf for shelf in shelves}

    def shelf(self, kind: type[Record]) -> Shelf[Any, Any]:
        """Return the shelf of a record type."""
        return self._shelves[kind]

    def apply(self, changes: Iterable[Change]) -> list[Replacement]:
        """Make the changes and return what they replaced; nothing waits, so nobody sees half."""
        return [self._apply(change) for change in changes]

    def _apply(self, change: Change) -> Replacement:
        shelf = self.shelf(type(change.record))
        key = shelf.table.key(change.record)
        before = shelf.rows.get(key)
        if change.keep:
            shelf.put(change.record)
            return before, change.record
        shelf.discard(key)
        if isinstance(before, Board):
            self.highest_gone = max(self.highest_gone, before.generation)
        return before, None
