"""The page about one's own account."""

from dataclasses import dataclass
from importlib.metadata import version

from aiohttp import web

import tbgateway
from tbgateway.controlplane.web.forms import Form, form_of, search_of
from tbgateway.controlplane.web.leading_back import leading_back
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.own_password import OwnPassword
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.controlplane.web.token_forms import TokenForms, token_form
from tbgateway.cookies import Cookies
from tbgateway.domain.errors import DeniedError, InvalidInputError, TbgatewayError
from tbgateway.domain.model import Identity, Member, Session, SignedIn
from tbgateway.rendering.contexts.account import AccountPage, SessionRow
from tbgateway.rendering.contexts.page import Link, Notice
from tbgateway.rendering.contexts.tokens import Once
from tbgateway.rendering.figures import moment
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.routes import Exchange, Route, Who

_PAGE = "/ui/account"
_TENSORBOARD = version("tensorboard")
_BODY_LIMIT = 16_384


@dataclass(frozen=True, slots=True)
class Account:
    """Answers `/ui/account`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        forms = (
            Route("POST", f"{_PAGE}/set-password", Who.VIEWERS, self.set_password, _BODY_LIMIT),
            Route("POST", f"{_PAGE}/create-token", Who.VIEWERS, self.create_token, _BODY_LIMIT),
            Route("POST", f"{_PAGE}/delete-token", Who.VIEWERS, self.delete_token, _BODY_LIMIT),
            Route("POST", f"{_PAGE}/sign-out-everywhere", Who.VIEWERS, self.leave, _BODY_LIMIT),
        )
        shown = Route("GET", _PAGE, Who.VIEWERS, self.show)
        return (shown, *forms, *leading_back(forms, "account"))

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the page."""
        asked = search_of(exchange)
        if "changed" in asked:
            return self._answer(exchange, notice=self._changed(exchange.identity))
        deleted = Notice(text="The token was deleted.") if "token-deleted" in asked else None
        return self._answer(exchange, notice=deleted)

    async def set_password(self, exchange: Exchange) -> web.StreamResponse:
        """Change one's own password, if one knows the current one.

        The browser that does it stays signed in, with a session of its own.
        """
        form = await form_of(exchange)
        try:
            member = await self._password.check(exchange, form)
            new = _new_password(form)
            member = await self.means.members.set_password(exchange.identity, member.name, new)
        except TbgatewayError as error:
            return self._answer(exchange, problem=error)
        opened = await self.means.sessions.open(member)
        response = see_other(urls_of(exchange).page("account", changed="1"))
        Cookies.at(exchange.external).sign_in(response, opened.secret, self.means.sessions.lifetime)
        return response

    async def create_token(self, exchange: Exchange) -> web.StreamResponse:
        """Make a token; its secret is told in this answer and never again."""
        form = await form_of(exchange)
        try:
            name = self._member(exchange).name
            once = await self._tokens.create(exchange, name, form)
        except TbgatewayError as error:
            return self._answer(exchange, form, problem=error)
        return self._answer(exchange, once=once)

    async def delete_token(self, exchange: Exchange) -> web.StreamResponse:
        """Delete a token."""
        form = await form_of(exchange)
        try:
            await self._tokens.delete(exchange.identity, form)
        except TbgatewayError as error:
            return self._answer(exchange, problem=error)
        return see_other(urls_of(exchange).page("account", **{"token-deleted": "1"}))

    async def leave(self, exchange: Exchange) -> web.StreamResponse:
        """End all of one's sessions, this browser's too."""
        await form_of(exchange)
        await self.means.sessions.end(self.means.sessions.of(self._member(exchange)))
        response = see_other(urls_of(exchange).page("sign-in"))
        Cookies.at(exchange.external).sign_out(response)
        return response

    @property
    def _tokens(self) -> TokenForms:
        return TokenForms(self.means)

    @property
    def _password(self) -> OwnPassword:
        return OwnPassword(self.means.members, self.means.sessions, "current")

    def _changed(self, identity: Identity) -> Notice:
        """Say what a new password ended, and what it did not."""
        text = "Your password was changed. All other sessions have ended."
        if not isinstance(identity, SignedIn) or not self._tokens.of(identity, identity.name):
            return Notice(text=text)
        tokens = Link(label="Look at your API tokens", url="#tokens")
        return Notice(text=f"{text} API tokens go on working.", link=tokens)

    def _member(self, exchange: Exchange) -> Member:
        if isinstance(exchange.identity, SignedIn):
            return self.means.members.find(exchange.identity.name)
        raise DeniedError("You act without an account.", hint="Sign in as a member.")

    def _answer(
        self,
        exchange: Exchange,
        form: Form | None = None,
        *,
        notice: Notice | None = None,
        problem: TbgatewayError | None = None,
        once: Once | None = None,
    ) -> web.Response:
        identity, now = exchange.identity, self.means.clock()
        member = identity.name if isinstance(identity, SignedIn) else None
        page = AccountPage(
            urls=urls_of(exchange),
            reader=reader_of(identity),
            notice=notice,
            problem=problem,
            member=member is not None,
            tokens=() if member is None else self._tokens.rows(identity, member, now),
            token_form=token_form(identity, form),
            sessions=() if member is None else self._sessions(exchange, now),
            once=once,
            versions=(("tbgateway", tbgateway.__version__), ("TensorBoard", _TENSORBOARD)),
        )
        return page_response(page)

    def _sessions(self, exchange: Exchange, now: float) -> tuple[SessionRow, ...]:
        known = self.means.sessions.of(self._member(exchange))
        return tuple(_row(session, exchange.session, now) for session in known)


def _row(session: Session, here: Session | None, now: float) -> SessionRow:
    return SessionRow(
        created=moment(session.created_at, now),
        expires=moment(session.expires_at, now),
        here=here is not None and session.id == here.id,
    )


def _new_password(form: Form) -> str:
    password = form.exact("password")
    if password != form.exact("again"):
        raise InvalidInputError(
            "The new password was typed in two different ways.", hint="Try again.", field="again"
        )
    return password
