"""People who change things all the time, by the API and by the command line."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException

from ledger import Ledger, Subject
from mutations import Imagination, Mutation
from observation import ADMIN
from running_gateway import fetch

Ask = Callable[[Mutation], str | None]
"""Asks for a change: "" if it was done, a text if it was refused, None if that is not known."""

_PAUSE = 0.02  # seconds between two changes of one author, so that several lanes make progress


class Gate:
    """Lets authors work, or holds them up between two changes."""

    def __init__(self) -> None:
        self._open = False
        self._busy = 0
        self._changed = threading.Condition()

    def open(self) -> None:
        """Let them work."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def close(self) -> None:
        """Let them finish what they began, and begin nothing."""
        with self._changed:
            self._open = False

    def wait_until_quiet(self, patience: float) -> None:
        """Return when nobody is at work; raise AssertionError after `patience` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._busy, patience):
                raise AssertionError(f"a change was not answered within {patience:g} s")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be at work, as soon as the gate is open."""
        with self._changed:
            self._changed.wait_for(lambda: self._open)
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()


class Author(threading.Thread):
    """Changes its own subjects again and again, one after the other."""

    def __init__(
        self, subjects: Sequence[Subject], ideas: Imagination, ask: Ask, ledger: Ledger, gate: Gate
    ) -> None:
        super().__init__(daemon=True)
        self.refusals: list[str] = []
        self._subjects = subjects
        self._ideas = ideas
        self._ask = ask
        self._ledger = ledger
        self._gate = gate
        self._turn = 0

    def run(self) -> None:
        """Work until the process ends."""
        while True:
            with self._gate.inside():
                self._change_one()
            time.sleep(_PAUSE)

    def _change_one(self) -> None:
        subject = self._subjects[self._turn % len(self._subjects)]
        self._turn += 1
        try:
            mutation = self._ideas.next(subject, self._ledger.state(subject))
        except LookupError:
            return  # not before somebody has looked
        self._ledger.begin(subject, mutation.after)
        match self._ask(mutation):
            case None:
                self._ledger.leave_open()
            case "":
                self._ledger.acknowledge(subject)
            case refusal:
                self._ledger.refuse(subject)
                self.refusals.append(f"{mutation.method} {mutation.path}: {refusal}")


def by_api(url: str) -> Ask:
    """Return a way to ask by HTTP."""

    def ask(mutation: Mutation) -> str | None:
        body = None if mutation.body is None else json.dumps(mutation.body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        target = f"{url}/api/v1{mutation.path}"
        try:
            answer = fetch(target, auth=ADMIN, method=mutation.method, body=body, headers=headers)
        except (OSError, HTTPException):
            return None
        return "" if answer.status < 300 else f"{answer!r}"

    return ask


def dice_of(seed: str) -> random.Random:
    """Return dice that fall the same way for the same seed."""
    return random.Random(seed)  # noqa: S311 - nothing secret, and it must be repeatable
