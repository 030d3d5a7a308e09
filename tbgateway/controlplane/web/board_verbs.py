"""What the forms on the page of a board ask for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.web.access_choice import asked_entry
from tbgateway.controlplane.web.board import BoardAlone, Sent
from tbgateway.controlplane.web.board_notices import said_of_removal
from tbgateway.controlplane.web.forms import Form, form_of
from tbgateway.controlplane.web.idle_choice import asked_idle_timeout
from tbgateway.controlplane.web.leading_back import leading_back
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.membership_search import MembershipSearch
from tbgateway.controlplane.web.new_board import password_response
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.domain.errors import InvalidInputError, TbgatewayError
from tbgateway.domain.model import Board
from tbgateway.routes import Exchange, Handle, Route, Who

Act = Callable[[Exchange, Board, Form], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class BoardVerbs:
    """Answers `/ui/boards/{board}/{verb}`: does it, and leads back to the page."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return a route for each verb; who asks for its address is led to the page as well."""
        acts: dict[str, Act] = {
            "remove": self.remove,
            "rename": self.rename,
            "access": self.change_access,
            "idle": self.change_idle_timeout,
            "start": self.start,
            "stop": self.stop,
        }
        posts = tuple(
            Route("POST", f"/ui/boards/{{board}}/{verb}", Who.EDITORS, self._handler(verb, act))
            for verb, act in acts.items()
        )
        return (*posts, *leading_back(posts, "boards", "{board}"))

    async def remove(self, exchange: Exchange, board: Board, form: Form) -> web.Response:
        """Take experiments off the board: the one whose button it was, or those that are ticked."""
        ids = form.all("only") or form.all("experiment")
        if not ids:
            raise InvalidInputError(
                "No experiment was selected.", hint="Tick some, then try again."
            )
        await self.means.boards.change_experiments(exchange.identity, board.id, remove=ids)
        search = MembershipSearch.of(form).query()
        said = said_of_removal(ids)
        return see_other(urls_of(exchange).page("boards", board.name, **said, **search))

    async def rename(self, exchange: Exchange, board: Board, form: Form) -> web.Response:
        """Give the board another name."""
        renamed = await self.means.boards.rename(exchange.identity, board.id, form.one("name"))
        said = {} if renamed.name == board.name else {"said": "renamed"}
        return see_other(urls_of(exchange).page("boards", renamed.name, **said))

    async def change_access(self, exchange: Exchange, board: Board, form: Form) -> web.Response:
        """Change who may look, the user name or the password."""
        asked = asked_entry(form, board.username or board.name)
        changed = await self.means.boards.set_entry(exchange.identity, board.id, asked.entry)
        if asked.generated is not None:
            path = exchange.target.path if exchange.target is not None else "/"
            return password_response(exchange, path, changed, asked.generated, made=False)
        said = "access" if asked.entry.password is None else "password"
        return _back(exchange, changed, said)

    async def change_idle_timeout(
        self, exchange: Exchange, board: Board, form: Form
    ) -> web.Response:
        """Change when the board goes to sleep."""
        seconds = asked_idle_timeout(form)
        identity = exchange.identity
        changed = await self.means.boards.set_idle_timeout(identity, board.id, seconds)
        return _back(exchange, changed, "idle")

    async def start(self, exchange: Exchange, board: Board, _form: Form) -> web.Response:
        """Have the board run."""
        return _back(
            exchange, await self.means.boards.start(exchange.identity, board.id), "started"
        )

    async def stop(self, exchange: Exchange, board: Board, _form: Form) -> web.Response:
        """Stop the board."""
        return _back(
            exchange, await self.means.boards.pause(exchange.identity, board.id), "stopped"
        )

    def _handler(self, verb: str, act: Act) -> Handle:
        """Return the route's handler: what it refuses is said on the page, beside the form."""

        async def handle(exchange: Exchange) -> web.StreamResponse:
            form = await form_of(exchange)
            pages = BoardAlone(self.means)
            board = pages.found(exchange)
            try:
                return await act(exchange, board, form)
            except TbgatewayError as error:
                return await pages.answer(exchange, board, form, Sent(verb, form, error))

        return handle


def _back(exchange: Exchange, board: Board, said: str) -> web.Response:
    return see_other(urls_of(exchange).page("boards", board.name, said=said))
