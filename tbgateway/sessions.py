"""The use cases around sessions: members sign in with a browser, and out."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog

from tbgateway.credentials import sessions
from tbgateway.credentials.authorization import Basic
from tbgateway.credentials.password_check import PasswordCheck
from tbgateway.domain.errors import UnauthenticatedError
from tbgateway.domain.model import Member, Session
from tbgateway.store import Store
from tbgateway.store.transaction import Transaction

REALM = "tbgateway"
"""Where members' passwords are asked for: everywhere but at a board's own URL."""

_MOST = 50  # sessions of one member
_KEPT = 2 * 86_400.0  # seconds after their end: the clock may come back from wherever it was set

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just opened: its secret is for the member's browser, and then forgotten."""

    session: Session
    secret: str = field(repr=False)


class Sessions:
    """Who is signed in; a session lives for `lifetime` seconds at most.

    `clock` tells Unix seconds; new sessions begin at `latest`, by default at the same time.
    """

    def __init__(
        self,
        store: Store,
        passwords: PasswordCheck,
        *,
        lifetime: float,
        clock: Callable[[], float] = time.time,
        latest: Callable[[], float] | None = None,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock
        self._latest = latest or clock
        self.lifetime = lifetime

    def valid(self, secrets: Sequence[str]) -> tuple[Session, ...]:
        """Return the sessions that a browser shows the secrets of, and that still count."""
        return tuple(self._valid(secrets)) if secrets else ()

    async def sign_in(
        self, client: str, credentials: Basic, former: Sequence[str] = ()
    ) -> NewSession:
        """Open a session for who the credentials fit; those of the `former` secrets end.

        Raise UnauthenticatedError, the same one for wrong passwords and unknown names, and what
        PasswordCheck raises. `client` is the address that asks.
        """
        member = await self.check(client, credentials)
        opened = await self.open(member, former)
        log.info("signed in", member=member.name, client=client)
        return opened

    async def check(self, client: str, credentials: Basic) -> Member:
        """Return the member whom the credentials fit; raise as `sign_in` does."""
        member = self._store.members.get(credentials.username)
        hashed = None if member is None else member.password_hash
        fits = await self._passwords.fits(client, REALM, credentials, hashed)
        if member is None or not fits:
            raise _refusal()
        return member

    async def open(self, member: Member, former: Sequence[str] = ()) -> NewSession:
        """Open a session for a member, as he is known; those of the `former` secrets end.

        Raise UnauthenticatedError if he is another one by now, or his password is.
        """
        minted = sessions.mint()
        now = self._latest()
        session = Session(
            id=minted.id,
            member=member.name,
            digest=minted.digest,
            credential_generation=member.credential_generation,
            created_at=now,
            expires_at=now + self.lifetime,
        )
        async with self._store.transaction() as tx:
            if not session.lets_in(self._store.members.get(member.name), now):
                raise _refusal()
            self._make_room(tx, session)
            tx.drop(*self.valid(former))
            tx.put(session)
        return NewSession(session, minted.secret_text)

    async def sign_out(self, client: str, secrets: Sequence[str]) -> None:
        """End the sessions of the secrets."""
        ended = self.valid(secrets)
        await self.end(ended)
        for session in ended:
            log.info("signed out", member=session.member, client=client)

    def of(self, member: Member) -> tuple[Session, ...]:
        """Return a member's sessions that still count, the newest first."""
        now = self._clock()
        theirs = [one for one in self._store.sessions_of(member.name) if one.lets_in(member, now)]
        return tuple(sorted(theirs, key=lambda one: one.created_at, reverse=True))

    async def end(self, ended: Sequence[Session]) -> None:
        """End sessions."""
        if ended:
            async with self._store.transaction() as tx:
                tx.drop(*ended)

    def _valid(self, secrets: Sequence[str]) -> Iterator[Session]:
        now = self._clock()
        for secret in secrets:
            shown = sessions.digest_of(secret)
            session = self._store.sessions.get(shown[0]) if shown else None
            if shown is None or session is None or not sessions.matches(session, shown[1]):
                continue
            if session.lets_in(self._store.members.get(session.member), now):
                yield session

    def _make_room(self, tx: Transaction, session: Session) -> None:
        """Drop what has not counted for long, and a member's oldest sessions if too many."""
        members, now = self._store.members, self._clock() - _KEPT
        known = self._store.sessions.values()
        tx.drop(*[one for one in known if not one.lets_in(members.get(one.member), now)])
        theirs = sorted(self._store.sessions_of(session.member), key=lambda one: one.created_at)
        tx.drop(*theirs[: max(len(theirs) + 1 - _MOST, 0)])


def _refusal() -> UnauthenticatedError:
    return UnauthenticatedError(
        "The user name and the password do not fit.",
        hint="Sign in with your account.",
    )
