"""The page at `/`: all boards."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Literal

from aiohttp import web

from tbgateway.controlplane.web.board_matches import BoardMatches
from tbgateway.controlplane.web.board_rows import BoardRows
from tbgateway.controlplane.web.board_search import BoardSearch, Order
from tbgateway.controlplane.web.forms import search_of
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.part_of_list import PartOfList
from tbgateway.controlplane.web.selection_notice import notice_of
from tbgateway.domain.errors import NotFoundError, TbgatewayError
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, Identity
from tbgateway.rendering.contexts.home import Beginning, BoardFilters, HomePage
from tbgateway.rendering.contexts.lists import Column, Option
from tbgateway.rendering.contexts.page import Notice
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who

PER_PAGE = 50
_COLUMNS = (
    ("Board", Order.NAME),
    ("State", Order.STATE),
    ("Experiments", Order.EXPERIMENTS),
    ("Scalar", None),
    ("Memory", Order.MEMORY),
    ("Last visited", Order.VISIT),
    ("Access", Order.ACCESS),
    ("Owner", Order.OWNER),
)
_PLAIN_NAME = re.compile(r"[\w./=+][\w./=+-]*", re.ASCII)  # no shell and no reader stumbles here


@dataclass(frozen=True, slots=True)
class Home:
    """Answers `/`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's route."""
        return (Route("GET", "/", Who.VIEWERS, self.show),)

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the page for whoever asks."""
        query = search_of(exchange)
        search = BoardSearch.of(query)
        urls = Urls.seen_from("/")
        action = urls.page("boards", **search.query())
        notice = notice_of(query, action, partial(self._exists, exchange.identity))
        return await self.answer(exchange.identity, search, urls, notice=notice)

    async def answer(
        self,
        identity: Identity,
        search: BoardSearch,
        urls: Urls,
        *,
        notice: Notice | None = None,
        problem: TbgatewayError | None = None,
        chosen: Collection[str] = (),
    ) -> web.StreamResponse:
        """Return the page, with what came of a form if it answers one."""
        share = self.means.share
        matches = await BoardMatches(self.means).find(identity, search, share)
        part = PartOfList.asked(search.page, len(matches), PER_PAGE)
        search = search.on_page(part.number)
        rows = BoardRows(means=self.means, identity=identity, now=self.means.clock(), chosen=chosen)
        known = len(self.means.boards.list(identity))
        page = HomePage(
            urls=urls,
            reader=reader_of(identity),
            notice=notice,
            problem=problem,
            filters=_filters(search),
            columns=_columns(search, urls),
            boards=tuple([await share.take(partial(rows.row, one)) for one in part.of(matches)]),
            pager=part.pager(lambda number: urls.boards(**search.on_page(number).query())),
            known=known,
            action=urls.page("boards", **search.query()),
            beginning=None if known else self._beginning(),
        )
        return await share.take(partial(page_response, page))

    def _exists(self, identity: Identity, name: str) -> bool:
        try:
            return self.means.boards.find(name, identity).name == name
        except NotFoundError:
            return False

    def _beginning(self) -> Beginning:
        """Tell how to begin with an experiment that there is."""
        newest = self.means.experiments.newest(1)
        names = [self.means.experiments.display_name(one) for one in newest]
        name = next(filter(_PLAIN_NAME.fullmatch, names), "./runs/a")
        return Beginning(
            command=f"tbgateway board create vision -e {name}",
            script="import tbgateway\n"
            "client = tbgateway.Client.find()\n"
            f'client.boards.create("vision", ["{name}"])',
            experiments=self.means.experiments.count,
        )


def _filters(search: BoardSearch) -> BoardFilters:
    return BoardFilters(
        text=search.text,
        states=_options("Any state", BoardState, search.state),
        accesses=_options("Any access", Access, search.access),
        mine=search.mine,
        sort=search.sort,
        narrow=search.narrows,
    )


def _options(
    anything: str, values: type[BoardState] | type[Access], chosen: str | None
) -> tuple[Option, ...]:
    every = Option(value="", label=anything, chosen=chosen is None)
    named = (Option(value=one, label=one.capitalize(), chosen=one == chosen) for one in values)
    return every, *named


def _columns(search: BoardSearch, urls: Urls) -> tuple[Column, ...]:
    return tuple(
        Column(label=label) if order is None else _column(label, order, search, urls)
        for label, order in _COLUMNS
    )


def _column(label: str, order: Order, search: BoardSearch, urls: Urls) -> Column:
    url = urls.boards(**search.sorted_by(order).query())
    turned: Literal["ascending", "descending"] = "descending" if search.descending else "ascending"
    ordered = turned if order is search.order else ""
    return Column(label=label, url=url, order=ordered, number=order is Order.MEMORY)
