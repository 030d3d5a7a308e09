"""Boards, from a client's side."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tbgateway.client.api import Api, parse, segment
from tbgateway.client.decoding import decode
from tbgateway.client.results import Board, Membership, Visit
from tbgateway.client.transport import Request
from tbgateway.domain.errors import TimedOutError

Until = Literal["visible", "added", "removed"]
_PATIENCE = 30.0
"""Seconds that one waiting request may take; longer waits are made of several."""
_FIRST_WORDS = 1.0
"""Seconds that it may take at least, where people are told how far it is."""


@dataclass(frozen=True, slots=True)
class Boards:
    """What can be done with boards; each is named by its name or its id."""

    api: Api

    def list(self) -> tuple[Board, ...]:
        """Return the boards that the caller may see, by name."""
        return tuple(self.api.pages(Board, "/boards"))

    def show(self, board: str) -> Board:
        """Return one board; raise NotFoundError if there is none."""
        return self.api.read(Board, Request("GET", _path(board)))

    def create(
        self,
        name: str,
        experiments: Sequence[str] = (),
        *,
        access: str | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> Board:
        """Make a board; experiments are ids, names or absolute paths on the gateway's machine.

        Without `access`, a board with a username is opened by its password, any other by members.
        """
        wanted = {
            "name": name,
            "experiments": list(experiments),
            "access": access,
            "username": username,
            "password": password,
        }
        body = {key: value for key, value in wanted.items() if value is not None}
        return self.api.read(Board, Request("POST", "/boards", body=body))

    def add(self, board: str, experiments: Sequence[str]) -> Board:
        """Put experiments on the board; those that are there stay."""
        return self._change(board, add=list(experiments))

    def remove(self, board: str, experiments: Sequence[str]) -> Board:
        """Take experiments from the board; their files are not touched."""
        return self._change(board, remove=list(experiments))

    def rename(self, board: str, name: str) -> Board:
        """Give the board another name; the old one redirects and stays reserved."""
        return self._patch(board, name=name)

    def set_password(self, board: str, password: str, *, username: str | None = None) -> Board:
        """Change the board's password, and its username if one is given."""
        named = {} if username is None else {"username": username}
        return self._patch(board, password=password, **named)

    def set_access(
        self,
        board: str,
        access: str,
        *,
        username: str | None = None,
        password: str | None = None,
    ) -> Board:
        """Say who may look: "password", "members" or "public".

        The first needs a username and a password, unless the board has them already.
        """
        wanted = {"access": access, "username": username, "password": password}
        return self._patch(board, **{key: one for key, one in wanted.items() if one is not None})

    def set_idle(self, board: str, seconds: float | None) -> Board:
        """Say after how long without a look the board sleeps.

        0 is never, None as the gateway's settings say; else from 60 seconds to 366 days.
        """
        return self._patch(board, idle_timeout=seconds)

    def visits(self, board: str) -> tuple[Visit, ...]:
        """Return who looked at the board, the last one first: for those who may change it."""
        return tuple(self.api.pages(Visit, f"{_path(board)}/visits"))

    def delete(self, board: str) -> None:
        """Delete the board; no event file is touched."""
        self.api.ask(Request("DELETE", _path(board)))

    def start(self, board: str) -> Board:
        """Start a sleeping, paused or failed board."""
        return self.api.read(Board, Request("POST", f"{_path(board)}/start"))

    def stop(self, board: str) -> Board:
        """Stop the board and keep visits from waking it."""
        return self.api.read(Board, Request("POST", f"{_path(board)}/stop"))

    def log(self, board: str, *, lines: int = 100) -> str:
        """Return the last lines of what the board's process wrote."""
        request = Request("GET", f"{_path(board)}/log", query={"lines": lines})
        return self.api.ask(request).body.decode(errors="replace")

    def wait(
        self,
        board: str,
        until: Until,
        *,
        timeout: float | None = None,
        tell: Callable[[Board], None] | None = None,
    ) -> Board:
        """Return the board once its experiments are `until`; None waits for ever.

        "visible" is reached when TensorBoard shows them (or a problem says why it cannot), "added"
        when all of them have finished, "removed" when it has dropped those that were taken away.
        `tell` gets the board as it is by then: every second at first, more seldom later. Raise
        TimedOutError after `timeout` seconds.
        """
        began = time.monotonic()
        end = math.inf if timeout is None else began + timeout
        while True:
            now = time.monotonic()
            patience = _PATIENCE if tell is None else _until_told(now - began)
            wait = max(0.0, min(end - now, patience))
            answer = self.api.ask(Request("GET", _path(board), query={"until": until}, wait=wait))
            seen = decode(Board, parse(answer))
            if answer.status == 200:  # noqa: PLR2004 - 202 says: not yet
                return seen
            if time.monotonic() >= end:
                raise _too_late(seen, until, timeout or 0.0)
            if tell is not None:
                tell(seen)

    def _change(self, board: str, **changes: Sequence[str]) -> Board:
        return self.api.read(Board, Request("POST", f"{_path(board)}/experiments", body=changes))

    def _patch(self, board: str, **changes: str | float | None) -> Board:
        return self.api.read(Board, Request("PATCH", _path(board), body=changes))


def _until_told(waited: float) -> float:
    """Return for how many seconds one may say nothing to people who waited this long."""
    return min(_PATIENCE, max(_FIRST_WORDS, waited / 5))


def _too_late(board: Board, until: Until, seconds: float) -> TimedOutError:
    missing = [one.name for one in board.experiments if not _is(until, one)]
    return TimedOutError(
        f"On the board {board.name!r} these were not {until} within {seconds:g} s:"
        f" {', '.join(missing) or 'its experiments'}.",
        hint="They may still be later: look again.",
        command=f"tbgateway board show {board.name}",
    )


def _is(until: Until, membership: Membership) -> bool:
    match until:
        case "visible":
            return bool(membership.visible)
        case "added":
            return membership.state == "added"
        case "removed":
            return membership.state != "removing"


def _path(board: str) -> str:
    return f"/boards/{segment(board)}"
