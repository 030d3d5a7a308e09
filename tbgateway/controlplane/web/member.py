"""The page about one member, for admins. Names travel in queries and fields: one may be `..`."""

from dataclasses import dataclass, replace

from aiohttp import web

from tbgateway.controlplane.web.forms import Form, form_of, search_of
from tbgateway.controlplane.web.leading_back import leading_back
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.members import MembersList
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.controlplane.web.token_forms import TokenForms, token_form
from tbgateway.credentials.passwords import generate_password
from tbgateway.domain.errors import DeniedError, TbgatewayError
from tbgateway.domain.model import Identity
from tbgateway.members import who
from tbgateway.rendering.contexts.members import DeleteMemberPage, MemberPage, MemberRow
from tbgateway.rendering.contexts.page import Notice
from tbgateway.rendering.contexts.tokens import Once
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who

_BELOW = "/ui/members/"
_URLS = Urls.seen_from(_BELOW)
_DONE = {"changed": "The password was changed.", "token-deleted": "The token was deleted."}


@dataclass(frozen=True, slots=True)
class MemberAlone:
    """Answers `/ui/members/member` and the forms there."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        forms = (
            Route("POST", f"{_BELOW}set-password", Who.ADMINS, self.set_password),
            Route("POST", f"{_BELOW}create-token", Who.ADMINS, self.create_token),
            Route("POST", f"{_BELOW}delete-token", Who.ADMINS, self.delete_token),
        )
        return (
            Route("GET", f"{_BELOW}member", Who.ADMINS, self.show),
            *forms,
            *leading_back(forms, "members"),
            Route("GET", f"{_BELOW}delete", Who.ADMINS, self.ask_before_deleting),
            Route("POST", f"{_BELOW}delete", Who.ADMINS, self.delete),
        )

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the page."""
        asked = search_of(exchange)
        said = [words for name, words in _DONE.items() if name in asked]
        notice = Notice(text=" ".join(said)) if said else None
        return page_response(
            replace(self._page(exchange.identity, asked.one("name")), notice=notice)
        )

    async def set_password(self, exchange: Exchange) -> web.StreamResponse:
        """Change a password; one that was made up is told in this answer and never again."""
        form = await form_of(exchange)
        name, typed = form.one("member"), form.exact("password")
        password = typed or generate_password()
        try:
            _refuse_own(exchange.identity, name)
            await self.means.members.set_password(exchange.identity, name, password)
        except TbgatewayError as error:
            return page_response(replace(self._page(exchange.identity, name), problem=error))
        if typed:
            return see_other(_member(name, changed="1"))
        once = Once(label=f"The new password of {name}", secret=password)
        return page_response(replace(self._page(exchange.identity, name), once=once))

    async def create_token(self, exchange: Exchange) -> web.StreamResponse:
        """Make a token for the member; its secret is told in this answer and never again."""
        form = await form_of(exchange)
        name = form.one("member")
        try:
            once = await self._tokens.create(exchange, name, form)
        except TbgatewayError as error:
            return page_response(replace(self._page(exchange.identity, name, form), problem=error))
        return page_response(replace(self._page(exchange.identity, name), once=once))

    async def delete_token(self, exchange: Exchange) -> web.StreamResponse:
        """Delete one of the member's tokens."""
        form = await form_of(exchange)
        name = form.one("member")
        await self._tokens.delete(exchange.identity, form)
        return see_other(_member(name, **{"token-deleted": "1"}))

    async def ask_before_deleting(self, exchange: Exchange) -> web.StreamResponse:
        """Ask whether the member shall be deleted."""
        name = search_of(exchange).one("name")
        page = DeleteMemberPage(
            urls=_URLS,
            reader=reader_of(exchange.identity),
            member=self._row(exchange.identity, name),
        )
        return page_response(page)

    async def delete(self, exchange: Exchange) -> web.StreamResponse:
        """Delete the member; the boards go to whoever does it."""
        name = (await form_of(exchange)).one("member")
        try:
            await self.means.members.delete(exchange.identity, name)
        except TbgatewayError as error:
            return page_response(replace(self._page(exchange.identity, name), problem=error))
        return see_other(_URLS.page("members", deleted=name))

    @property
    def _tokens(self) -> TokenForms:
        return TokenForms(self.means)

    def _page(self, identity: Identity, name: str, form: Form | None = None) -> MemberPage:
        row = self._row(identity, name)
        boards = (board for board in self.means.boards.list(identity) if board.owner == name)
        return MemberPage(
            urls=_URLS,
            reader=reader_of(identity),
            member=row,
            boards=tuple(board.name for board in boards),
            tokens=self._tokens.rows(identity, name, self.means.clock()),
            token_form=token_form(identity, form),
            once=None,
        )

    def _row(self, identity: Identity, name: str) -> MemberRow:
        rows = {row.name: row for row in MembersList(self.means).rows(identity)}
        return rows[self.means.members.find(name).name]


def _member(name: str, **said: str) -> str:
    return _URLS.page("members", "member", name=name, **said)


def _refuse_own(identity: Identity, name: str) -> None:
    if who(identity) == name:
        raise DeniedError(
            "Your own password is not changed here.",
            hint="Your account's page does it, which asks for the current one.",
        )
