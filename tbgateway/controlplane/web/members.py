"""The page with all members, and its form to make one."""

from collections import Counter
from dataclasses import dataclass, replace

from aiohttp import web

from tbgateway.controlplane.web.forms import Form, form_of, search_of
from tbgateway.controlplane.web.leading_back import leading_back
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.credentials.passwords import generate_password
from tbgateway.domain.errors import InvalidInputError, TbgatewayError
from tbgateway.domain.model import Identity, Member, Role
from tbgateway.members import who
from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.contexts.members import MemberRow, MembersPage
from tbgateway.rendering.contexts.page import Notice
from tbgateway.rendering.contexts.tokens import Once
from tbgateway.rendering.figures import moment
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who

_LIST, _CREATE = "/ui/members", "/ui/members/create"
_ROLES = {
    Role.VIEWER: "looks at boards",
    Role.EDITOR: "makes boards, and changes those",
    Role.ADMIN: "may do everything",
}


@dataclass(frozen=True, slots=True)
class MembersList:
    """Answers `/ui/members`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        shown = Route("GET", _LIST, Who.ADMINS, self.show)
        form = Route("POST", _CREATE, Who.ADMINS, self.create)
        return (shown, form, *leading_back((form,), "members"))

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the page."""
        notice = self._notice(search_of(exchange))
        page = self._page(exchange.identity, Urls.seen_from(_LIST))
        return page_response(replace(page, notice=notice))

    async def create(self, exchange: Exchange) -> web.StreamResponse:
        """Make an account; a password that was made up is told in this answer and never again."""
        form, urls = await form_of(exchange), Urls.seen_from(_CREATE)
        name, typed = form.one("name"), form.exact("password")
        password = typed or generate_password()
        try:
            made = await self.means.members.create(name, role=_role(form), password=password)
        except TbgatewayError as error:
            page = self._page(exchange.identity, urls, form)
            return page_response(replace(page, problem=error))
        if typed:
            return see_other(urls.page("members", created=made.name))
        once = Once(label=f"The password of {made.name}", secret=password)
        return page_response(replace(self._page(exchange.identity, urls), once=once))

    def rows(self, identity: Identity) -> tuple[MemberRow, ...]:
        """Return all members as pages show them."""
        boards = Counter(board.owner for board in self.means.boards.list(identity))
        tokens = Counter(token.member for token in self.means.members.list_tokens(identity))
        return tuple(
            self._row(member, identity, boards[member.name], tokens[member.name])
            for member in self.means.members.list()
        )

    def _row(self, member: Member, identity: Identity, boards: int, tokens: int) -> MemberRow:
        return MemberRow(
            name=member.name,
            role=member.role.value,
            created=moment(member.created_at, self.means.clock()),
            boards=boards,
            tokens=tokens,
            you=member.name == who(identity),
        )

    def _page(self, identity: Identity, urls: Urls, form: Form | None = None) -> MembersPage:
        return MembersPage(
            urls=urls,
            reader=reader_of(identity),
            members=self.rows(identity),
            new_name="" if form is None else form.one("name"),
            roles=_roles("" if form is None else form.one("role")),
            once=None,
        )

    def _notice(self, asked: Form) -> Notice | None:
        """Return what the query says was done, unless it cannot be true."""
        names = {member.name for member in self.means.members.list()}
        created, deleted = asked.one("created"), asked.one("deleted")
        if created in names:
            return Notice(text=f"{created} is a member now.")
        if deleted and deleted not in names:
            return Notice(text="The member was deleted.")
        return None


def _role(form: Form) -> Role:
    try:
        return Role(form.one("role"))
    except ValueError as error:
        raise InvalidInputError(
            "There is no such role.", hint=f"Use one of: {', '.join(Role)}.", field="role"
        ) from error


def _roles(chosen: str) -> tuple[Option, ...]:
    return tuple(
        Option(
            value=role.value,
            label=role.value.capitalize(),
            chosen=role.value == (chosen or Role.VIEWER),
            hint=words,
        )
        for role, words in _ROLES.items()
    )
