"""The step that finds out who asks.

The user name picks whose password is compared: the board's own comes first, then the members'.
Exactly one hash is computed per attempt, also for boards and people that do not exist, so that
neither the answer nor the time it takes tells what is there.
"""

import hashlib
from dataclasses import dataclass

from aiohttp import hdrs, web
from structlog.contextvars import bind_contextvars

from tbgateway.credentials.authorization import Basic, Bearer, parse_authorization
from tbgateway.credentials.tokens import digest_of, matches
from tbgateway.dataplane.means import Means, Next
from tbgateway.dataplane.refusals import credentials_needed
from tbgateway.domain.model import (
    Access,
    Anonymous,
    Board,
    Identity,
    Member,
    SignedIn,
    Token,
    Visitor,
)
from tbgateway.domain.names import BOARD_NAME
from tbgateway.routes import Door, Exchange, Who

_MEMBERS = "members"
_CONTROL_REALM = "tbgateway"


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whom a name claims to be: whose password decides, and as whose guesses failures count."""

    subject: str
    throttled_as: str
    generation: int
    password_hash: str | None
    identity: Identity


async def authenticate(means: Means, exchange: Exchange, call_next: Next) -> web.StreamResponse:
    """Leave the identity in the exchange, and the board if the path names one to look at.

    Raise UnauthenticatedError for credentials that do not fit, TooManyRequestsError after too
    many of them, and DeniedError for strangers on the control socket.
    """
    if exchange.route and exchange.route.who is Who.LOOKERS:
        _find_board(means, exchange)
    else:
        exchange.realm = _CONTROL_REALM
    exchange.identity = await _identify(means, exchange)
    return await call_next(exchange)


def _find_board(means: Means, exchange: Exchange) -> None:
    name = exchange.params.get("board", "")
    exchange.realm = f"tbgateway board {name if BOARD_NAME.fullmatch(name) else '?'}"
    exchange.board = means.boards.find(name) or means.boards.renamed(name)
    if exchange.board is not None:
        bind_contextvars(board=exchange.board.name)


async def _identify(means: Means, exchange: Exchange) -> Identity:
    if exchange.door is Door.CONTROL:
        exchange.deliberate = True
        return means.local_peers.admit(exchange.local_uid, exchange.local_pid)
    values = exchange.request.headers.getall(hdrs.AUTHORIZATION, ())
    credentials = parse_authorization(values)
    exchange.deliberate = isinstance(credentials, Bearer)
    if not values or _open_to_all(exchange):
        return Anonymous()
    match credentials:
        case Basic():
            return await _by_password(means, exchange, credentials)
        case Bearer(token=secret):
            return _by_token(means, exchange, secret)
        case _:
            raise credentials_needed()


def _open_to_all(exchange: Exchange) -> bool:
    if exchange.route and exchange.route.who is Who.ANYONE:
        return True
    return exchange.board is not None and exchange.board.access is Access.PUBLIC


async def _by_password(means: Means, exchange: Exchange, credentials: Basic) -> Identity:
    claim = _claim(means, exchange, credentials.username)
    question = _question(exchange.realm, credentials.username, claim.generation)
    # Somebody who guesses must not lock out those who signed in from the same address before.
    if any(
        means.verifier.remembered(claim.subject, question, password, claim.password_hash)
        for password in credentials.passwords
    ):
        return claim.identity
    means.throttle.check(exchange.client, claim.throttled_as)
    for password in credentials.passwords:  # more than one only if its encoding is in doubt
        if await means.verifier.verify(claim.subject, question, password, claim.password_hash):
            return claim.identity
    means.throttle.failed(exchange.client, claim.throttled_as)
    raise credentials_needed()


def _question(realm: str, username: str, generation: int) -> int:
    """Return a number for what was asked.

    A verdict that is remembered comes faster. So that this tells nothing, it is remembered by
    the question, not by who turned out to stand behind the name: by realm, name and generation.
    """
    text = f"{realm}\n{username}\n{generation}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=16).digest())


def _claim(means: Means, exchange: Exchange, username: str) -> _Claim:
    board = exchange.board
    if board is not None and board.access is Access.PASSWORD and username == board.username:
        return _visitor(board, username)
    member = means.accounts.member(username)
    if member is not None:
        return _member(member)
    return _Claim("nobody", _MEMBERS, 0, None, Anonymous())


def _visitor(board: Board, username: str) -> _Claim:
    subject, identity = f"board {board.id}", Visitor(board.id, username)
    return _Claim(subject, subject, board.credential_generation, board.password_hash, identity)


def _member(member: Member) -> _Claim:
    identity = SignedIn(member.name, member.role)
    generation = member.credential_generation
    return _Claim(f"member {member.name}", _MEMBERS, generation, member.password_hash, identity)


def _by_token(means: Means, exchange: Exchange, secret: str) -> Identity:
    means.throttle.check(exchange.client, _MEMBERS)
    member = _bearer(means, secret)
    if member is None:
        means.throttle.failed(exchange.client, _MEMBERS)
        raise credentials_needed()
    return SignedIn(member.name, member.role)


def _bearer(means: Means, secret: str) -> Member | None:
    """Return whose token it is, if it is one and has not expired."""
    parsed = digest_of(secret)
    token = means.accounts.token(parsed[0]) if parsed else None
    if parsed is None or token is None or not matches(token, parsed[1]):
        return None
    return None if _expired(token, means.now()) else means.accounts.member(token.member)


def _expired(token: Token, now: float) -> bool:
    return token.expires_at is not None and token.expires_at <= now
