"""What is to change together, collected until it is written."""

from collections.abc import Hashable, Iterator

from tbgateway.domain.model import Record
from tbgateway.store.memory import Change, Memory
from tbgateway.store.tables import TABLE_OF, TABLES


class Transaction:
    """Changes that happen together or not at all. The last word on a record counts."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._changes: dict[tuple[type[Record], Hashable], Change] = {}
        self._open = True

    def put(self, *records: Record) -> None:
        """Add records, or replace those of the same key."""
        for record in records:
            self._stage(Change(record, keep=True))

    def drop(self, *records: Record) -> None:
        """Remove records by their keys, and with them what is theirs.

        A board takes along its memberships, visits, reserved names, launches and what Gradient's
        API asked for, an experiment its description, a member the tokens and sessions.
        """
        for record in records:
            self.drop(*self._owned_by(record))
            self._stage(Change(record, keep=False))

    def finish(self) -> list[Change]:
        """Return the changes in the order they were made; from now on, there can be no more."""
        self._open = False
        return list(self._changes.values())

    def _stage(self, change: Change) -> None:
        if not self._open:
            raise RuntimeError("the transaction is over")
        kind = type(change.record)
        place = (kind, TABLE_OF[kind].key(change.record))
        self._changes.pop(place, None)
        self._changes[place] = change

    def _owned_by(self, record: Record) -> list[Record]:
        key = TABLE_OF[type(record)].key(record)
        return [
            owned
            for table in TABLES
            if table.owner is type(record)
            for owned in (
                *self._memory.shelf(table.record).group(table.owned_by, key),
                *self._staged(table.record, table.owned_by, key),
            )
        ]

    def _staged(self, kind: type[Record], owned_by: str, key: Hashable) -> Iterator[Record]:
        for change in self._changes.values():
            of_kind = change.keep and isinstance(change.record, kind)
            if of_kind and getattr(change.record, owned_by) == key:
                yield change.record
