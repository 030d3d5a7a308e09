"""Callers who never stop asking while a gateway comes and goes, and who note what fails."""

import http.client
import json
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from running_gateway import ADMIN_PASSWORD, PATIENCE, eventually

_PAUSE = 0.01  # seconds between two requests of one caller
_HEADERS = {
    "Authorization": "Basic " + b64encode(f"admin:{ADMIN_PASSWORD}".encode()).decode(),
    "Content-Type": "application/json",
}
_GOOD = 200


@dataclass(frozen=True)
class Errand:
    """What a caller asks for, again and again; `keeps` its connection as long as it may."""

    path: str
    keeps: bool = False
    body: object = None


@dataclass(frozen=True)
class Failure:
    """A request without a good answer; times are monotonic. `connected` is how far it came."""

    errand: Errand
    begun: float
    ended: float
    connected: bool
    what: str


@dataclass
class Caller:
    """One of them, in a thread of its own; `asked_again` counts closed connections."""

    port: int
    errand: Errand
    answered: int = 0
    asked_again: int = 0
    failures: list[Failure] = field(default_factory=list)
    _connection: http.client.HTTPConnection | None = None

    def call(self, until: threading.Event) -> None:
        """Ask until it is enough."""
        while not until.wait(_PAUSE):
            self._ask_and_note()
        self._hang_up()

    def _ask_and_note(self) -> None:
        begun, connected = time.monotonic(), False
        try:
            if self._connection is not None and self._asked_as_before():
                return
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            self._connection.connect()
            connected = True
            self._ask(self._connection)
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(
                Failure(self.errand, begun, time.monotonic(), connected, repr(error))
            )
            self._hang_up()

    def _asked_as_before(self) -> bool:
        """Ask by the connection that is open; False if it was closed, as it may be at any time.

        HTTP has clients ask again then, by a new one.
        """
        assert self._connection is not None
        try:
            self._ask(self._connection)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.asked_again += 1
            self._hang_up()
            return False
        return True

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        body = None if self.errand.body is None else json.dumps(self.errand.body)
        connection.request("POST" if body else "GET", self.errand.path, body, _HEADERS)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != _GOOD:
            raise http.client.HTTPException(f"{answer.status} {content[:300]!r}")
        self.answered += 1
        if answer.will_close or not self.errand.keeps:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Callers:
    """All of them, calling inside the block."""

    def __init__(self, port: int, errands: Sequence[Errand]) -> None:
        self._all = [Caller(port, errand) for errand in errands]
        self._enough = threading.Event()
        self._threads = [
            threading.Thread(target=one.call, args=(self._enough,), daemon=True)
            for one in self._all
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)

    @property
    def failures(self) -> list[Failure]:
        """Every request that got no good answer."""
        return [failure for one in self._all for failure in one.failures]

    @property
    def asked_again(self) -> int:
        """How often a connection that was kept had been closed."""
        return sum(one.asked_again for one in self._all)

    def until_everybody_was_answered(self, times: int = 3) -> None:
        """Wait until each of them had so many good answers more."""
        before = Counter({place: one.answered for place, one in enumerate(self._all)})
        eventually(
            lambda: all(
                one.answered >= before[place] + times for place, one in enumerate(self._all)
            ),
            what=f"everybody was answered; failures: {self.failures[:3]}",
            every=0.02,
        )
