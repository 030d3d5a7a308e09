"""The page about one experiment."""

from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.web.forms import Form, form_of, search_of
from tbgateway.controlplane.web.leading_back import leading_back
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.controlplane.web.tag_links import tag_links
from tbgateway.domain.description import MOST_TAGS, spoken
from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.domain.series import Digest
from tbgateway.rendering.contexts.experiment import Described, ExperimentFacts, ExperimentPage
from tbgateway.rendering.contexts.page import Notice
from tbgateway.rendering.contexts.refused import Refused
from tbgateway.rendering.figures import Moment, duration, moment, size
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.rendering.sparkline import sparkline
from tbgateway.routes import Exchange, Route, Who

_LINES = 20
_PATTERN = "/ui/experiments/{experiment}"
_DONE = {
    "completed": "Completed.",
    "described": "Its description is changed.",
    "failed": "Noted that it failed.",
    "stopped": "Noted that it was stopped.",
    "registered": "It is registered under this name.",
    "renamed": "It has another name now.",
}


@dataclass(frozen=True, slots=True)
class ExperimentAlone:
    """Answers `/ui/experiments/{experiment}`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        shown = Route("GET", _PATTERN, Who.VIEWERS, self.show)
        form = Route("POST", f"{_PATTERN}/rename", Who.EDITORS, self.rename)
        return (shown, form, *leading_back((form,), "experiments", "{experiment}"))

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the page for whoever asks."""
        found = self.means.experiments.find(exchange.params["experiment"])
        notice = _notice(search_of(exchange))
        return page_response(self._page(exchange, found, notice=notice, new_name=found.name))

    async def rename(self, exchange: Exchange) -> web.StreamResponse:
        """Give it another name, which is to register it once more."""
        form = await form_of(exchange)
        found = self.means.experiments.find(exchange.params["experiment"])
        name = form.exact("name")
        try:
            await self.means.experiments.register(found.path, name=name)
        except TbgatewayError as error:
            return page_response(self._page(exchange, found, problem=error, new_name=name))
        return see_other(urls_of(exchange).page("experiments", found.id, renamed="1"))

    def _page(
        self,
        exchange: Exchange,
        experiment: Experiment,
        *,
        new_name: str,
        notice: Notice | None = None,
        problem: TbgatewayError | None = None,
    ) -> ExperimentPage:
        showing = self.means.boards.showing(exchange.identity)
        digest = self.means.scalars.digest(experiment)
        known = Digest(complete=False) if digest is None else digest
        return ExperimentPage(
            urls=urls_of(exchange),
            reader=reader_of(exchange.identity),
            notice=notice,
            problem=problem,
            experiment=self._facts(experiment),
            boards=tuple(board.name for board in showing.boards(experiment)),
            described=self._described(exchange, experiment),
            lines=tuple(sparkline(series) for series in known.series[:_LINES]),
            more_lines=len(known.series[_LINES:]),
            reading=not known.complete,
            flaw=known.flaw,
            new_name=new_name,
            refused=None if problem is None else _beside_name(problem),
        )

    def _facts(self, experiment: Experiment) -> ExperimentFacts:
        now, last = self.means.clock(), experiment.last_event_at
        silent = self.means.experiments.silent_for(experiment.id)
        return ExperimentFacts(
            id=experiment.id,
            name=self.means.experiments.display_name(experiment),
            path=experiment.path,
            state=experiment.state,
            reason=experiment.reason,
            problem=experiment.problem or "",
            holding=_holding(experiment),
            heard=None if silent is None else moment(now - silent, now),
            size=size(experiment.bytes),
            last_event=None if last is None else moment(last, now),
            ended=_ended(experiment, now),
            found=moment(experiment.created_at, now),
        )

    def _described(self, exchange: Exchange, experiment: Experiment) -> Described:
        known = self.means.experiments.description(experiment.id)
        urls = urls_of(exchange)
        links = tag_links(
            known.tags, lambda text: urls.page("experiments", text=text), most=MOST_TAGS
        )
        return Described(
            params=tuple((name, spoken(value)) for name, value in known.params.items()),
            tags=links,
            notes=known.notes,
            by_file=bool(known.file),
            problem=known.problem,
        )


def _holding(experiment: Experiment) -> str:
    """Return why it counts as running however long it writes nothing, if it does."""
    if experiment.state is not ExperimentState.RUNNING:
        return ""
    if experiment.lease is not None:
        silent = duration(experiment.lease)
        return f"Its script answers for it: silent for {silent}, it counts as stopped."
    return "It runs until somebody completes it." if experiment.held else ""


def _ended(experiment: Experiment, now: float) -> Moment | None:
    """Return when its script ended it, if it is over: what runs may know its last life's end."""
    running = experiment.state is ExperimentState.RUNNING
    at = None if running else experiment.ended_at
    return None if at is None else moment(at, now)


def _notice(asked: Form) -> Notice | None:
    said = [words for name, words in _DONE.items() if name in asked]
    return Notice(text=" ".join(said)) if said else None


def _beside_name(problem: TbgatewayError) -> Refused:
    """Return what to say beside the only input there is."""
    return Refused(form="rename", field="name", detail=problem.detail)
