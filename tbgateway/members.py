"""The use cases around accounts: members and their API tokens."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tbgateway.credentials import passwords, tokens
from tbgateway.domain.access import has_role
from tbgateway.domain.errors import (
    ConflictError,
    DeniedError,
    InvalidInputError,
    NameTakenError,
    NotFoundError,
)
from tbgateway.domain.model import (
    Identity,
    LocalOperator,
    Member,
    Role,
    SignedIn,
    Token,
    Visit,
    VisitorKind,
)
from tbgateway.domain.names import check_username
from tbgateway.store import Store

FIRST_ADMIN = "admin"
_LOCAL, _NOBODY = "local", "nobody"
"""How records name those who have no account: who had one of this name would own their boards."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: its secret is shown once and then forgotten."""

    token: Token
    secret: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a member was let in by: a token, a session, or else the password.

    It is good until the account changes, or what the member was let in by.
    """

    member: str
    role: Role
    credential_generation: int
    token_id: str | None
    session_id: str | None = None


class Members:
    """Who has an account. `rounds` is bcrypt's cost (log2).

    `clock` tells Unix seconds; new tokens begin at `latest`, by default at the same time.
    """

    def __init__(
        self,
        store: Store,
        *,
        rounds: int,
        clock: Callable[[], float] = time.time,
        latest: Callable[[], float] | None = None,
    ) -> None:
        self._store = store
        self._rounds = rounds
        self._clock = clock
        self._latest = latest or clock

    def list(self) -> tuple[Member, ...]:
        """Return all members by name."""
        return tuple(sorted(self._store.members.values(), key=lambda member: member.name))

    def find(self, name: str) -> Member:
        """Return a member; raise NotFoundError."""
        member = self._store.members.get(name)
        if member is None:
            raise NotFoundError(f"There is no member {name!r}.", command="tbgateway member list")
        return member

    async def create(self, name: str, *, role: Role, password: str) -> Member:
        """Make an account; raise NameTakenError or InvalidInputError."""
        _check_name(name)
        hashed = await self._hash(password)
        async with self._store.transaction() as tx:
            if name in self._store.members:
                raise NameTakenError(
                    f"There is a member {name!r} already.",
                    hint="Choose another name, or change that member's password.",
                    command=f"tbgateway member set-password {name} --generate-password",
                )
            member = Member(name=name, role=role, password_hash=hashed, created_at=self._clock())
            tx.put(member)
        return member

    async def delete(self, identity: Identity, name: str) -> None:
        """Delete an account with its tokens, sessions and visits; the last admin stays.

        Its boards go to `identity`.
        """
        async with self._store.transaction() as tx:
            member = self.find(name)
            admins = [one for one in self._store.members.values() if one.role is Role.ADMIN]
            if admins == [member]:
                raise ConflictError(
                    f"{name!r} is the last admin.",
                    hint="Make another admin first.",
                    command="tbgateway member create NAME --role admin --generate-password",
                )
            # Else they would belong to whoever gets this name next.
            owned = [board for board in self._store.boards.values() if board.owner == name]
            tx.put(*(replace(board, owner=who(identity)) for board in owned))
            tx.drop(member, *self._visits_of(name))

    async def set_password(self, identity: Identity, name: str, password: str) -> Member:
        """Change a password: one's own, or as an admin anybody's. The old one dies at once."""
        _require_self_or_admin(identity, name)
        hashed = await self._hash(password)
        async with self._store.transaction() as tx:
            member = self.find(name)
            member = replace(
                member,
                password_hash=hashed,
                credential_generation=member.credential_generation + 1,
            )
            tx.put(member)
        return member

    async def ensure_admin(self, password: str | None) -> str | None:
        """Make the first admin if there are no members; return the password if it was generated."""
        if self._store.members:
            return None
        secret = passwords.generate_password() if password is None else password
        await self.create(FIRST_ADMIN, role=Role.ADMIN, password=secret)
        return secret if password is None else None

    # --- staying

    def ticket(
        self, identity: Identity, token_id: str | None, session_id: str | None = None
    ) -> Ticket | None:
        """Return what a member stays in by; None for the operator, who needs none."""
        if not isinstance(identity, SignedIn):
            return None
        generation = identity.credential_generation
        return Ticket(identity.name, identity.role, generation, token_id, session_id)

    def honours(self, ticket: Ticket) -> bool:
        """Whether who got the ticket would be let in again, and as the same."""
        member = self._store.members.get(ticket.member)
        if member is None or member.role is not ticket.role:
            return False
        if ticket.session_id is not None:
            session = self._store.sessions.get(ticket.session_id)
            return session is not None and session.lets_in(member, self._clock())
        if ticket.token_id is None:
            return member.credential_generation == ticket.credential_generation
        token = self._store.tokens.get(ticket.token_id)
        if token is None or token.member != ticket.member:
            return False
        return token.expires_at is None or token.expires_at > self._clock()

    # --- tokens

    def list_tokens(self, identity: Identity) -> tuple[Token, ...]:
        """Return the tokens `identity` may see: its own, or for admins all."""
        visible = (
            token
            for token in self._store.tokens.values()
            if has_role(identity, Role.ADMIN) or _name_of(identity) == token.member
        )
        return tuple(sorted(visible, key=lambda token: (token.member, token.created_at)))

    async def create_token(
        self, identity: Identity, member: str, *, label: str, lifetime: float | None
    ) -> NewToken:
        """Make a token for a member; it lives for `lifetime` seconds, or until it is deleted."""
        _require_self_or_admin(identity, member)
        minted = tokens.mint()
        now = self._latest()
        async with self._store.transaction() as tx:
            token = Token(
                id=minted.id,
                member=self.find(member).name,
                label=label,
                digest=minted.digest,
                created_at=now,
                expires_at=None if lifetime is None else now + lifetime,
            )
            tx.put(token)
        return NewToken(token, minted.secret_text)

    async def delete_token(self, identity: Identity, token_id: str) -> None:
        """Revoke a token at once."""
        async with self._store.transaction() as tx:
            token = self._store.tokens.get(token_id)
            if token is None or token not in self.list_tokens(identity):
                raise NotFoundError(
                    f"There is no token {token_id!r}.", command="tbgateway token list"
                )
            tx.drop(token)

    def _visits_of(self, name: str) -> Iterator[Visit]:
        for visit in self._store.visits.values():
            if (visit.kind, visit.visitor) == (VisitorKind.MEMBER, name):
                yield visit

    async def _hash(self, password: str) -> str:
        passwords.check_new_password(password)
        return await asyncio.to_thread(passwords.hash_password, password, self._rounds)


def _check_name(name: str) -> None:
    check_username(name)
    if name in {_LOCAL, _NOBODY}:
        raise InvalidInputError(
            f"{name!r} cannot be a member's name: it stands for somebody without an account.",
            hint="Choose another name.",
        )


def _name_of(identity: Identity) -> str | None:
    return identity.name if isinstance(identity, SignedIn) else None


def is_own(identity: Identity, member: str) -> bool:
    """Whether the account of this name is that of `identity`."""
    return _name_of(identity) == member


def _require_self_or_admin(identity: Identity, member: str) -> None:
    if has_role(identity, Role.ADMIN) or is_own(identity, member):
        return
    raise DeniedError(
        f"Only {member!r} or an admin may do this.", hint="Ask an admin of this gateway."
    )


def who(identity: Identity) -> str:
    """Return how records name `identity`: the member's name, or `local` for the operator."""
    match identity:
        case SignedIn(name=name):
            return name
        case LocalOperator():
            return _LOCAL
        case _:
            return _NOBODY
