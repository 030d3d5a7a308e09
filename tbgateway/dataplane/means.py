"""What the steps of the pipeline need to know of the rest of the house."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from tbgateway.credentials.password_check import Throttles, Verifies
from tbgateway.dataplane.known_hosts import KnownHosts
from tbgateway.dataplane.origins import Origins
from tbgateway.dataplane.router import Router
from tbgateway.domain.model import Board, Member, Session, Token
from tbgateway.domain.names import BoardId
from tbgateway.routes import Exchange
from tbgateway.telemetry.request_metrics import RequestMetrics


class BoardDirectory(Protocol):
    """Which board a path means."""

    def find(self, name: str) -> Board | None:
        """Return the board that has this name now."""

    def renamed(self, name: str) -> Board | None:
        """Return the board that had this name before it was renamed."""


class Accounts(Protocol):
    """Who has an account."""

    def member(self, name: str) -> Member | None:
        """Return the member."""

    def token(self, token_id: str) -> Token | None:
        """Return the API token, expired or not."""


class OpenSessions(Protocol):
    """Who is signed in with a browser, as tbgateway.sessions knows."""

    def valid(self, secrets: Sequence[str]) -> tuple[Session, ...]:
        """Return the sessions of these secrets, as far as they count."""

    async def end(self, ended: Sequence[Session]) -> None:
        """End sessions."""


LogTail = Callable[[BoardId], Awaitable[str]]
"""Returns the last lines of a board's log, for those who may see them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The collaborators of the steps.

    `now` is the wall clock in Unix seconds, against which tokens expire. `known_hosts` are the
    names that a Host header may hold.
    """

    router: Router
    origins: Origins
    boards: BoardDirectory
    accounts: Accounts
    sessions: OpenSessions
    verifier: Verifies
    throttle: Throttles
    log_tail: LogTail
    now: Callable[[], float]
    known_hosts: KnownHosts = field(default_factory=KnownHosts)
    requests: RequestMetrics = field(default_factory=RequestMetrics)


Next = Callable[[Exchange], Awaitable[web.StreamResponse]]
"""The rest of the pipeline."""

Step = Callable[[Means, Exchange, Next], Awaitable[web.StreamResponse]]
"""One step: it answers itself, or lets the rest of the pipeline answer.

A step that has nothing to wait for is a plain function, which returns what the rest returns: each
coroutine on the way of a request costs more than most steps do.
"""


async def answered(response: web.StreamResponse) -> web.StreamResponse:
    """Return the response, as a plain step's own answer."""
    return response
