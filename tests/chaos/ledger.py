"""What was said to a store, and what it must therefore know."""

import threading
from collections.abc import Mapping
from typing import Any

Subject = tuple[str, str]
"""A kind of thing and a name that stays its own, whatever it is renamed to."""

State = Mapping[str, Any] | None
"""What the API tells of a subject; None while there is none."""


class Ledger:
    """The states that each subject may be in: two, after a change that was not answered.

    A subject has one author at a time, so its changes have an order. Safe to use from threads.
    """

    def __init__(self) -> None:
        self.acknowledged = 0
        self.unanswered = 0
        self._possible: dict[Subject, tuple[State, ...]] = {}
        self._lock = threading.Lock()

    def state(self, subject: Subject) -> State:
        """Return what a subject is like; raise LookupError while that is not certain."""
        with self._lock:
            possible = self._possible.get(subject, (None,))
        if len(possible) > 1:
            raise LookupError(f"{subject} was not looked at since a change was not answered")
        return possible[0]

    def begin(self, subject: Subject, after: State) -> None:
        """Note that a change is asked for: from now on it may happen."""
        before = self.state(subject)
        with self._lock:
            self._possible[subject] = (before, after)

    def acknowledge(self, subject: Subject) -> None:
        """Note that the change was answered: it must have happened."""
        with self._lock:
            self._possible[subject] = self._possible[subject][-1:]
            self.acknowledged += 1

    def refuse(self, subject: Subject) -> None:
        """Note that the change was refused: it must not have happened."""
        with self._lock:
            self._possible[subject] = self._possible[subject][:1]

    def leave_open(self) -> None:
        """Note that a change was not answered: it may have happened, or not."""
        with self._lock:
            self.unanswered += 1

    def lost(self, seen: Mapping[Subject, State]) -> list[str]:
        """Tell the subjects that are not as they must be."""
        return [
            f"{subject}: {seen.get(subject)}, not {' or '.join(map(str, possible))}"
            for subject, possible in self._items()
            if any(one is not None for one in possible) and seen.get(subject) not in possible
        ]

    def ghosts(self, seen: Mapping[Subject, State]) -> list[str]:
        """Tell what there is that must not be: deleted, or never made."""
        known = dict(self._items())
        return [
            f"{subject}: {state}, although it was deleted or never made"
            for subject, state in seen.items()
            if all(one is None for one in known.get(subject, (None,)))
        ]

    def believe(self, seen: Mapping[Subject, State]) -> None:
        """Take what there is for the truth: from now on it must stay."""
        with self._lock:
            for subject in self._possible.keys() | seen.keys():
                self._possible[subject] = (seen.get(subject),)

    def _items(self) -> list[tuple[Subject, tuple[State, ...]]]:
        with self._lock:
            return list(self._possible.items())
