"""The memberships on the page of a board: ten thousand are looked through, a hundred shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from tbgateway.boards import MembershipView
from tbgateway.controlplane.turns import in_order, in_turns
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.membership_search import MembershipSearch, Order, Show
from tbgateway.controlplane.web.part_of_list import PartOfList
from tbgateway.controlplane.web.tag_links import tag_links
from tbgateway.domain.model import Board, MembershipState
from tbgateway.rendering.contexts.board import MembershipRow, Memberships
from tbgateway.rendering.contexts.lists import Column, Option
from tbgateway.rendering.figures import moment, size
from tbgateway.rendering.sparkline import sparkline
from tbgateway.rendering.urls import Urls

_ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many experiments a board has, and of them: run, are shown, are still to be shown."""

    experiments: int
    adding: int
    visible: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipList:
    """All memberships of a board that fit a search, in its order."""

    board: Board
    search: MembershipSearch
    tally: Tally
    found: Sequence[MembershipView]

    @classmethod
    async def read(cls, means: Means, board: Board, search: MembershipSearch) -> "MembershipList":
        """Look through all of them while everybody else gets a turn."""
        boards, share, describe = means.boards, means.share, means.experiments.description
        words = search.words

        def fits(view: MembershipView) -> bool:
            if not search.shows(view):
                return False
            return not words or words.fits(lambda: view.name, describe(view.experiment.id))

        records = await share.take(partial(boards.membership_records, board))
        views = await in_turns(share, records, partial(boards.views, board))
        tally = await share.take(partial(_tally, views))
        found = await in_turns(share, views, partial(filter, fits))
        keys = await in_turns(share, found, lambda some: map(search.key, some))
        ordered = await in_order(share, found, keys, backwards=search.descending)
        return cls(board=board, search=search, tally=tally, found=ordered)

    def part(self, urls: Urls, means: Means) -> Memberships:
        """Return the page of them that was asked for."""
        part = PartOfList.asked(self.search.page, len(self.found), _ROWS)
        return Memberships(
            rows=tuple(self._row(view, urls, means) for view in part.of(self.found)),
            columns=self._columns(urls),
            text=self.search.text,
            flaw=self.search.words.flaw,
            shows=_shows(self.search.show),
            sort=self.search.sort,
            pager=part.pager(lambda number: self._url(urls, self.search.on_page(number))),
            kept=tuple(self.search.query().items()),
        )

    def _columns(self, urls: Urls) -> tuple[Column, ...]:
        search = self.search
        way: Literal["ascending", "descending"] = "descending" if search.descending else "ascending"
        return tuple(
            Column(
                label=label,
                url=self._url(urls, search.sorted_by(order)),
                order=way if order is search.order else "",
                number=order is Order.SIZE,
            )
            for order, label in _LABELS.items()
        )

    def _row(self, view: MembershipView, urls: Urls, means: Means) -> MembershipRow:
        experiment = view.experiment
        event = experiment.last_event_at
        series = means.scalars.main_series((experiment,))
        return MembershipRow(
            id=experiment.id,
            name=view.name,
            state=view.state,
            experiment_state=experiment.state,
            reason=experiment.reason,
            visible=view.visible,
            problem=view.problem or "",
            flawed=view.flawed,
            line=None if series is None else sparkline(series),
            size=size(experiment.bytes),
            last_event=None if event is None else moment(event, means.clock()),
            tags=tag_links(
                means.experiments.description(experiment.id).tags,
                lambda text: self._url(urls, MembershipSearch(text=text)),
            ),
        )

    def _url(self, urls: Urls, search: MembershipSearch) -> str:
        return urls.page("boards", self.board.name, **search.query())


_LABELS = {
    Order.NAME: "Experiment",
    Order.STATE: "State",
    Order.SIZE: "Size",
    Order.EVENT: "Last event",
}
_SHOWS = {
    Show.ALL: "All",
    Show.ADDING: "Adding",
    Show.ADDED: "Added",
    Show.REMOVING: "Removing",
    Show.PROBLEM: "With a problem",
}


def _shows(chosen: Show) -> tuple[Option, ...]:
    return tuple(
        Option(value=show.value, label=label, chosen=show is chosen)
        for show, label in _SHOWS.items()
    )


def _tally(views: Sequence[MembershipView]) -> Tally:
    staying = [view for view in views if view.state is not MembershipState.REMOVING]
    return Tally(
        experiments=len(staying),
        adding=sum(view.state is MembershipState.ADDING for view in staying),
        visible=sum(bool(view.visible) for view in staying),
        waiting=sum(not view.settled for view in staying),
    )
