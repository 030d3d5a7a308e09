"""What is done to several boards at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.web.board_search import BoardSearch
from tbgateway.controlplane.web.forms import Form, form_of, search_of
from tbgateway.controlplane.web.home import Home
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.controlplane.web.selection_notice import Verb, done_notice, done_query
from tbgateway.domain.errors import InvalidInputError, TbgatewayError
from tbgateway.domain.model import Identity
from tbgateway.rendering.contexts.home import DeleteBoardsPage
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who

_PATH = "/ui/boards"
_CONFIRMED = (("action", Verb.DELETE.value), ("confirmed", "1"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The boards to which it was done, and why it was not done to others."""

    done: Sequence[str]
    refusals: Sequence[TbgatewayError]


@dataclass(frozen=True, slots=True)
class BoardsSelection:
    """Answers `/ui/boards`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the form's route; the page it is on is at `/`."""
        return (Route("POST", _PATH, Who.EDITORS, self.act),)

    async def act(self, exchange: Exchange) -> web.StreamResponse:
        """Start, stop or delete the selected boards; ask before any is deleted."""
        form, search = await form_of(exchange), BoardSearch.of(search_of(exchange))
        verb, names = _verb(form), form.all("board")
        identity, urls = exchange.identity, Urls.seen_from(_PATH)
        if not names:
            nothing = InvalidInputError(
                "No board is selected.", hint="Select some first.", field="board"
            )
            return await Home(self.means).answer(identity, search, urls, problem=nothing)
        if verb is Verb.DELETE and "confirmed" not in form:
            return self._ask(identity, search, urls, names)
        outcome = await self._do(identity, verb, names)
        if outcome.refusals:
            return await self._tell(identity, search, urls, verb, outcome)
        return see_other(urls.boards(**search.query(), **done_query(verb, outcome.done)))

    def _ask(
        self, identity: Identity, search: BoardSearch, urls: Urls, names: Sequence[str]
    ) -> web.StreamResponse:
        page = DeleteBoardsPage(
            urls=urls,
            reader=reader_of(identity),
            boards=tuple(names),
            fields=(*_CONFIRMED, *(("board", name) for name in names)),
            action=urls.page("boards", **search.query()),
            leave=urls.boards(**search.query()),
        )
        return page_response(page)

    async def _tell(
        self, identity: Identity, search: BoardSearch, urls: Urls, verb: Verb, outcome: Outcome
    ) -> web.StreamResponse:
        """Say what was done and what was not: the one must not hide the other."""
        action = urls.page("boards", **search.query())
        notice = done_notice(verb, outcome.done, action) if outcome.done else None
        problem = _together(outcome.refusals)
        return await Home(self.means).answer(identity, search, urls, notice=notice, problem=problem)

    async def _do(self, identity: Identity, verb: Verb, names: Sequence[str]) -> Outcome:
        done: list[str] = []
        refusals: list[TbgatewayError] = []
        for name in names:
            try:
                await self._do_one(identity, verb, name)
            except TbgatewayError as error:
                refusals.append(error)
            else:
                done.append(name)
        return Outcome(done, refusals)

    async def _do_one(self, identity: Identity, verb: Verb, name: str) -> None:
        match verb:
            case Verb.START:
                await self.means.boards.start(identity, name)
            case Verb.STOP:
                await self.means.boards.pause(identity, name)
            case Verb.DELETE:
                await self.means.boards.delete(identity, name)


def _verb(form: Form) -> Verb:
    action = form.one("action")
    try:
        return Verb(action)
    except ValueError as error:
        raise InvalidInputError(
            f"{action[:100]!r} cannot be done to boards.",
            hint=f"Use one of: {', '.join(Verb)}.",
            field="action",
        ) from error


def _together(refusals: Sequence[TbgatewayError]) -> TbgatewayError:
    """Return one error with what all of them say."""
    first = refusals[0]
    details = " ".join(dict.fromkeys(one.detail for one in refusals))
    hints = " ".join(dict.fromkeys(one.hint for one in refusals if one.hint))
    return type(first)(details, hint=hints)
