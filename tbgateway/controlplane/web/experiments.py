"""The page with all experiments, and its form to register a directory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from aiohttp import web

from tbgateway.controlplane.web.experiment_matches import ExperimentMatches
from tbgateway.controlplane.web.experiment_rows import ExperimentRows
from tbgateway.controlplane.web.experiment_search import ExperimentSearch
from tbgateway.controlplane.web.forms import Form, form_of, search_of
from tbgateway.controlplane.web.leading_back import leading_back
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.part_of_list import PartOfList
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.controlplane.web.refusing import refused_by
from tbgateway.controlplane.web.search_fields import number
from tbgateway.controlplane.web.search_frame import SearchFrame
from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.model import Experiment
from tbgateway.rendering.contexts.experiments import ExperimentsPage, Part, Registration
from tbgateway.rendering.contexts.page import Notice
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.routes import Exchange, Route, Who

ROWS = 50
"""How many experiments one page shows."""

_DONE = (
    ("completed", "Completed {}."),
    ("failed", "Said that {} failed."),
    ("stopped", "Said that {} stopped."),
    ("deleted", "Deleted {}; no file was touched."),
    ("kept", "Not deleted: {}, on a board or still below a logdir."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page to answer with: what is looked for, and what came of the form that was sent."""

    search: ExperimentSearch
    notice: Notice | None = None
    problem: TbgatewayError | None = None
    chosen: frozenset[str] = frozenset()
    registration: Registration = field(default_factory=Registration)


@dataclass(frozen=True, slots=True)
class ExperimentsList:
    """Answers `/ui/experiments`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        shown = Route("GET", "/ui/experiments", Who.VIEWERS, self.show)
        form = Route("POST", "/ui/experiments/register", Who.EDITORS, self.register)
        return (shown, form, *leading_back((form,), "experiments"))

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the page for whoever asks."""
        asked = search_of(exchange)
        view = View(search=ExperimentSearch.of(asked), notice=_notice(asked))
        return await self.answer(exchange, view)

    async def register(self, exchange: Exchange) -> web.StreamResponse:
        """Make a directory an experiment, or give a known one another name."""
        form = await form_of(exchange)
        path, name, held = form.one("path"), form.exact("name"), bool(form.one("held"))
        try:
            made = await self.means.experiments.register(path, name=name or None, held=held)
        except TbgatewayError as error:
            refused = refused_by("register", error, field="name")
            if refused is not None and not refused.field:
                refused = replace(refused, field="path")
            typed = Registration(path=path, name=name, held=held, refused=refused)
            view = View(search=ExperimentSearch(), problem=error, registration=typed)
            return await self.answer(exchange, view)
        return see_other(urls_of(exchange).page("experiments", made.id, registered="1"))

    async def answer(self, exchange: Exchange, view: View) -> web.Response:
        """Return a page; every piece of work on it is short."""
        share = self.means.share
        found = await ExperimentMatches(self.means).find(exchange.identity, view.search)
        page = await share.take(partial(self._page, exchange, view, found))
        return await share.take(partial(page_response, page))

    def _page(self, exchange: Exchange, view: View, found: Sequence[Experiment]) -> ExperimentsPage:
        part = PartOfList.asked(view.search.page, len(found), ROWS)
        shown = part.of(found)
        frame = SearchFrame(urls_of(exchange), view.search.on_page(part.number))
        rows = self._rows(exchange, view)
        return ExperimentsPage(
            urls=frame.urls,
            reader=reader_of(exchange.identity),
            notice=view.notice,
            problem=view.problem,
            filters=frame.filters(self.means.experiments.roots, rows.known_scalars(shown)),
            part=_part(frame, rows, shown, part) if shown else None,
            known=self.means.experiments.count,
            registration=view.registration,
        )

    def _rows(self, exchange: Exchange, view: View) -> ExperimentRows:
        return ExperimentRows(
            means=self.means,
            showing=self.means.boards.showing(exchange.identity),
            urls=urls_of(exchange),
            scalars=view.search.scalars,
            now=self.means.clock(),
            chosen=view.chosen,
        )


def _notice(asked: Form) -> Notice | None:
    """Return what the query says of the form that led here."""
    counts = ((number(asked.one(name)), words) for name, words in _DONE)
    said = [words.format(_spoken(count)) for count, words in counts if count]
    return Notice(text=" ".join(said)) if said else None


def _spoken(count: int) -> str:
    return "1 experiment" if count == 1 else f"{count:,} experiments"


def _part(
    frame: SearchFrame, rows: ExperimentRows, shown: Sequence[Experiment], part: PartOfList
) -> Part:
    return Part(
        columns=frame.columns(),
        rows=tuple(rows.row(one) for one in shown),
        matches=part.total,
        pager=frame.pager(part),
    )
