"""What is done to the experiments that somebody chose."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aiohttp import web

from tbgateway.controlplane.web.experiment_selection import ExperimentSelection
from tbgateway.controlplane.web.experiments import ExperimentsList, View
from tbgateway.controlplane.web.forms import Form, form_of
from tbgateway.controlplane.web.leading_back import leading_back
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.domain.errors import InvalidInputError, TbgatewayError
from tbgateway.domain.model import Experiment
from tbgateway.members import who
from tbgateway.rendering.contexts.experiments import DeleteExperimentsPage, EndExperimentsPage
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.routes import Exchange, Handle, Route, Who

_EXPLAINED = 20  # experiments that stay, each with its why
_ENDED = {"fail": "failed", "stop": "stopped"}

Act = Callable[[Exchange, Form, ExperimentSelection], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class ExperimentActions:
    """Answers the buttons below the list, and those of an experiment's own page."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of the buttons."""
        forms = tuple(
            Route("POST", f"/ui/experiments/{verb}", Who.EDITORS, self._handler(act))
            for verb, act in (
                ("complete", self.complete),
                ("fail", self.fail),
                ("stop", self.stop),
                ("delete", self.delete),
            )
        )
        return (*forms, *leading_back(forms, "experiments"))

    async def complete(
        self, exchange: Exchange, _form: Form, selection: ExperimentSelection
    ) -> web.Response:
        """Say that no more data will come."""
        chosen = await selection.resolve(self.means, exchange.identity)
        ended = await self.means.experiments.complete_all(chosen, by=who(exchange.identity))
        return _back(exchange, selection, completed=len(ended))

    async def fail(
        self, exchange: Exchange, form: Form, selection: ExperimentSelection
    ) -> web.Response:
        """Say that they failed; ask why, if nobody asked yet."""
        return await self._end(exchange, form, selection, "fail")

    async def stop(
        self, exchange: Exchange, form: Form, selection: ExperimentSelection
    ) -> web.Response:
        """Say that they were stopped; ask why, if nobody asked yet."""
        return await self._end(exchange, form, selection, "stop")

    async def delete(
        self, exchange: Exchange, form: Form, selection: ExperimentSelection
    ) -> web.Response:
        """Forget them, once it was confirmed."""
        chosen = await selection.resolve(self.means, exchange.identity)
        if not form.one("confirmed"):
            return await self._ask_before_deleting(exchange, selection, chosen)
        outcome = await self.means.experiments.delete_all(exchange.identity, chosen)
        gone, kept = len(outcome.forgettable), len(outcome.staying)
        return _back(exchange, replace(selection, origin=""), deleted=gone, kept=kept)

    async def _end(
        self,
        exchange: Exchange,
        form: Form,
        selection: ExperimentSelection,
        verb: Literal["fail", "stop"],
    ) -> web.Response:
        chosen = await selection.resolve(self.means, exchange.identity)
        reason = form.one("reason")
        page = EndExperimentsPage(
            urls=urls_of(exchange),
            reader=reader_of(exchange.identity),
            chosen=selection.named(self.means, chosen, of=len(chosen)),
            verb=verb,
            reason=reason,
            leave=_origin(exchange, selection),
        )
        if "reason" not in form:
            return page_response(page)
        known = self.means.experiments
        end = known.fail_all if verb == "fail" else known.stop_all
        try:
            ended = await end(chosen, reason=reason, by=who(exchange.identity))
        except InvalidInputError as error:
            return page_response(replace(page, problem=error))
        return _back(exchange, selection, **{_ENDED[verb]: len(ended)})

    async def _ask_before_deleting(
        self, exchange: Exchange, selection: ExperimentSelection, chosen: Sequence[Experiment]
    ) -> web.Response:
        outcome = await self.means.experiments.sort_out(exchange.identity, chosen)
        refusals = [refusal for _, refusal in outcome.staying]
        going = selection.named(self.means, outcome.forgettable, of=len(chosen))
        page = DeleteExperimentsPage(
            urls=urls_of(exchange),
            reader=reader_of(exchange.identity),
            going=replace(going, fields=(*going.fields, ("confirmed", "1"))),
            staying=tuple(f"{one.detail} {one.hint}" for one in refusals[:_EXPLAINED]),
            more_staying=max(len(refusals) - _EXPLAINED, 0),
            leave=_origin(exchange, selection),
        )
        return page_response(page)

    def _handler(self, act: Act) -> Handle:
        """Return the route's handler: what it refuses is said in the list."""

        async def handle(exchange: Exchange) -> web.StreamResponse:
            form = await form_of(exchange)
            selection = ExperimentSelection.of(form)
            try:
                return await act(exchange, form, selection)
            except TbgatewayError as error:
                view = View(search=selection.search, problem=error, chosen=frozenset(selection.ids))
                return await ExperimentsList(self.means).answer(exchange, view)

        return handle


def _origin(exchange: Exchange, selection: ExperimentSelection, **said: str) -> str:
    """Return the page where it was chosen: an experiment's own, or the list."""
    urls = urls_of(exchange)
    if selection.origin:
        return urls.page("experiments", selection.origin, **said)
    return urls.page("experiments", **{**selection.search.query(), **said})


def _back(exchange: Exchange, selection: ExperimentSelection, **counts: int) -> web.Response:
    said = {name: str(count) for name, count in counts.items() if count}
    return see_other(_origin(exchange, selection, **said))
