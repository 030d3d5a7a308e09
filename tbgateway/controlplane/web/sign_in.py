"""The pages that members sign in and out with."""

import math
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from tbgateway.controlplane.web.destination import destination
from tbgateway.controlplane.web.forms import Form, form_of, search_of
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.cookies import Cookies
from tbgateway.credentials.authorization import Basic
from tbgateway.domain.errors import (
    InvalidInputError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
)
from tbgateway.rendering.contexts.page import Notice
from tbgateway.rendering.contexts.sign_in import SignInPage
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who

_IN, _OUT = "/ui/sign-in", "/ui/sign-out"
_URLS = Urls.seen_from(_IN)
_BODY_LIMIT = 16_384
_UNSAVED = "What you sent was not saved: you were signed out. Sign in and do it again."


@dataclass(frozen=True, slots=True)
class SignIn:
    """Answers `/ui/sign-in` and `/ui/sign-out`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the pages' routes."""
        return (
            Route("GET", _IN, Who.ANYONE, self.show),
            Route("POST", _IN, Who.ANYONE, self.sign_in, _BODY_LIMIT),
            Route("POST", _OUT, Who.ANYONE, self.sign_out, _BODY_LIMIT),
        )

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the form; who is signed in already goes on at once."""
        asked = search_of(exchange)
        goal = destination(asked.exact("next"))
        shown = Cookies.at(exchange.external).read(exchange.request.headers)
        if self.means.sessions.valid(shown.secrets):
            return see_other(_url(goal))
        notice = Notice(text=_UNSAVED) if "unsaved" in asked else None
        return page_response(SignInPage(urls=_URLS, notice=notice, username="", destination=goal))

    async def sign_in(self, exchange: Exchange) -> web.StreamResponse:
        """Open a session and go on, or show the form again with what was wrong."""
        form = await form_of(exchange)
        cookies = Cookies.at(exchange.external)
        former = cookies.read(exchange.request.headers).secrets
        try:
            _check_place(exchange)
            opened = await self.means.sessions.sign_in(exchange.client, _credentials(form), former)
        except (
            InvalidInputError,
            TooManyRequestsError,
            UnauthenticatedError,
            UnavailableError,
        ) as error:
            return _refused(form, error)
        response = see_other(_url(destination(form.exact("next"))))
        cookies.sign_in(response, opened.secret, self.means.sessions.lifetime)
        return response

    async def sign_out(self, exchange: Exchange) -> web.StreamResponse:
        """End the browser's session, and have it known that somebody left."""
        await form_of(exchange)
        cookies = Cookies.at(exchange.external)
        shown = cookies.read(exchange.request.headers)
        await self.means.sessions.sign_out(exchange.client, shown.secrets)
        response = see_other(_URLS.page("sign-in"))
        cookies.sign_out(response)
        return response


def _check_place(exchange: Exchange) -> None:
    """Refuse who sits at an address for which the browser would not keep our cookie.

    That is where somebody goes past the proxy: to the right words nothing would happen at all.
    """
    external = exchange.external
    try:
        page = urlsplit(exchange.request.headers.get(hdrs.REFERER, external.url + _IN))
    except ValueError:  # no browser says so; what it does say only spares people a riddle
        return
    kept = page.scheme == "https" or external.scheme == "http"
    if not kept or not page.path.startswith(f"{external.prefix}/"):
        raise InvalidInputError(
            "Nobody can sign in at this address: the gateway is known by another one.",
            hint=f"Open {external.url}/",
        )


def _credentials(form: Form) -> Basic:
    """Return what was typed, as a browser's own dialog would send it."""
    username = unicodedata.normalize("NFC", form.one("username"))
    password = unicodedata.normalize("NFC", form.exact("password"))
    if not username:
        raise InvalidInputError("The user name is missing.", field="username")
    return Basic(username, (password.encode(),))


def _refused(
    form: Form,
    error: InvalidInputError | TooManyRequestsError | UnauthenticatedError | UnavailableError,
) -> web.Response:
    page = SignInPage(
        urls=_URLS,
        problem=error,
        username=form.one("username"),
        destination=destination(form.exact("next")),
    )
    response = page_response(page)
    if isinstance(error, UnauthenticatedError):
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"  # a dialog would not help here
    if error.retry_after is not None:
        response.headers[hdrs.RETRY_AFTER] = str(math.ceil(error.retry_after))
    return response


def _url(goal: str) -> str:
    return f"{_URLS.root}{goal.removeprefix('/')}"
