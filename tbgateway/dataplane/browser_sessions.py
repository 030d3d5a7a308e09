"""Whom a browser's cookies speak for."""

import structlog

from tbgateway.cookies import Cookies, Shown
from tbgateway.dataplane.means import Means
from tbgateway.domain.model import Session
from tbgateway.routes import Exchange

log = structlog.get_logger(__name__)


def shown_by(exchange: Exchange) -> Shown:
    """Return what the browser shows of our cookies."""
    return Cookies.at(exchange.external).read(exchange.request.headers)


async def session_of(means: Means, shown: Shown) -> Session | None:
    """Return the session that the browser shows the secret of, if it counts.

    Without TLS, a script of a board can plant a cookie of the same name beside ours, with a session
    of somebody else's. Nobody can tell which of two members it is then, so neither is, and both
    have to sign in again.
    """
    sessions = means.sessions.valid(shown.secrets)
    members = {session.member for session in sessions}
    if len(members) > 1:
        log.warning("one browser shows several members' sessions", members=sorted(members))
        await means.sessions.end(sessions)
        return None
    return sessions[0] if sessions else None
