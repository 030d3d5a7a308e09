"""The step that finds out who asks.

The user name picks whose password is compared: the board's own comes first, then the members'.
Exactly one hash is computed per attempt, also for boards and people that do not exist, so that
neither the answer nor the time it takes tells what is there.

A token goes first: it is shown on purpose. Then comes the session of a browser's cookie, because a
browser that once was told a password repeats it for ever. At a board's URL that password counts
where the session's member may not look.
"""

from dataclasses import dataclass

from aiohttp import hdrs, web
from structlog.contextvars import bind_contextvars

from tbgateway.credentials.authorization import (
    Authorization,
    Basic,
    Bearer,
    parse_api_key,
    parse_authorization,
)
from tbgateway.credentials.password_check import PasswordCheck
from tbgateway.credentials.tokens import digest_of, matches
from tbgateway.dataplane.browser_sessions import session_of, shown_by
from tbgateway.dataplane.incoming import incoming
from tbgateway.dataplane.local_peers import operator
from tbgateway.dataplane.means import Means, Next
from tbgateway.dataplane.refusals import credentials_needed, token_refused
from tbgateway.domain.access import may_look
from tbgateway.domain.model import (
    Access,
    Anonymous,
    Identity,
    Member,
    SignedIn,
    Token,
    Visitor,
)
from tbgateway.domain.names import BOARD_NAME
from tbgateway.routes import Door, Exchange, Who
from tbgateway.sessions import REALM

_API_KEY = "X-API-Key"
_NOBODY = Anonymous()


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whom a name claims to be, and whose password decides."""

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
        exchange.realm = REALM
        if "board" in exchange.params:
            bind_contextvars(board=exchange.params["board"])
    exchange.identity = await _identify(means, exchange)
    return await call_next(exchange)


def _find_board(means: Means, exchange: Exchange) -> None:
    name = exchange.params.get("board", "")
    board = exchange.board = means.boards.find(name) or means.boards.renamed(name)
    exchange.realm = f"tbgateway board {name if BOARD_NAME.fullmatch(name) else '?'}"
    if board is not None:
        bind_contextvars(board=board.name)


async def _identify(means: Means, exchange: Exchange) -> Identity:
    if exchange.door is Door.CONTROL:
        exchange.deliberate = True
        return operator(incoming(exchange).peer.verdict)
    credentials = _credentials(exchange)
    exchange.deliberate = isinstance(credentials, Bearer)
    if _open_to_all(exchange):
        return _NOBODY
    if isinstance(credentials, Bearer):
        return _by_token(means, credentials.token)
    has_cookie = hdrs.COOKIE in exchange.request.headers
    signed_in = await _by_session(means, exchange) if has_cookie else _NOBODY
    if credentials is None or _suffices(exchange, signed_in):
        return signed_in
    if isinstance(credentials, Basic):
        return await _by_password(means, exchange, credentials)
    raise credentials_needed()


def _credentials(exchange: Exchange) -> Authorization | None:
    """Return what is shown by headers; an API key is nothing where the route takes none."""
    headers = exchange.request.headers
    shown = parse_authorization(headers.getall(hdrs.AUTHORIZATION, ()))
    if exchange.route and exchange.route.takes_api_key:
        return parse_api_key(headers.getall(_API_KEY, ()), shown)
    return shown


def _open_to_all(exchange: Exchange) -> bool:
    if exchange.route and exchange.route.who is Who.ANYONE:
        return True
    return exchange.board is not None and exchange.board.access is Access.PUBLIC


async def _by_session(means: Means, exchange: Exchange) -> Identity:
    """Return the member who is signed in; note in the exchange if one is, or signed out."""
    shown = shown_by(exchange)
    exchange.left = shown.left
    session = exchange.session = await session_of(means, shown)
    member = None if session is None else means.accounts.member(session.member)
    return _NOBODY if member is None else _signed_in(member)


def _suffices(exchange: Exchange, identity: Identity) -> bool:
    """Whether the password that came along, too, need not be looked at.

    At a board's URL it may be the board's own. Elsewhere nobody is asked for one any more: it is a
    member's, but not always that of the member who signed in.
    """
    if isinstance(identity, Anonymous):
        return False
    return exchange.board is None or may_look(identity, exchange.board)


async def _by_password(means: Means, exchange: Exchange, credentials: Basic) -> Identity:
    claim = _claim(means, exchange, credentials.username)
    # The realm is where it was asked for, whoever turns out to stand behind the name: as whose
    # attempt it waits for its turn and is remembered can be seen by the time it takes.
    check = PasswordCheck(means.verifier, means.throttle)
    fits = await check.fits(exchange.client, exchange.realm, credentials, claim.password_hash)
    if fits and not (exchange.left and isinstance(claim.identity, SignedIn)):
        exchange.session, exchange.by_password = None, True
        return claim.identity
    raise credentials_needed()


def _claim(means: Means, exchange: Exchange, username: str) -> _Claim:
    board = exchange.board
    if board is not None and board.access is Access.PASSWORD and username == board.username:
        return _Claim(board.password_hash, Visitor(board.id, username))
    member = means.accounts.member(username)
    if member is not None:
        return _Claim(member.password_hash, _signed_in(member))
    return _Claim(None, _NOBODY)


def _by_token(means: Means, secret: str) -> Identity:
    """Look the token up. It is not throttled: nobody guesses 192 bits, but old scripts go on."""
    member = _bearer(means, secret)
    if member is None:
        raise token_refused()
    return _signed_in(member)


def _signed_in(member: Member) -> SignedIn:
    """Return who the member is, as known before anything else can change it."""
    return SignedIn(member.name, member.role, member.credential_generation)


def _bearer(means: Means, secret: str) -> Member | None:
    """Return whose token it is, if it is one and has not expired."""
    parsed = digest_of(secret)
    token = means.accounts.token(parsed[0]) if parsed else None
    if parsed is None or token is None or not matches(token, parsed[1]):
        return None
    return None if _expired(token, means.now()) else means.accounts.member(token.member)


def _expired(token: Token, now: float) -> bool:
    return token.expires_at is not None and token.expires_at <= now
