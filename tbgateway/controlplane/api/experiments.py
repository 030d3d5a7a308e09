"""Experiments, in the API.

Paths carry ids (or names without a slash); any other reference travels in `GET /experiments?name=`
and in bodies.
"""

from dataclasses import dataclass
from functools import partial

from aiohttp import web

from tbgateway.controlplane.api.answering import answer, listed, nothing
from tbgateway.controlplane.api.asking import body_of, nothing_else, query_of
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.errors import (
    AmbiguousNameError,
    ConflictError,
    NameTakenError,
    NotFoundError,
)
from tbgateway.domain.model import Experiment
from tbgateway.experiments import Experiments
from tbgateway.members import who
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import ExperimentAnswer, ExperimentList
from tbgateway.schemas.operations import Operation, Reply
from tbgateway.schemas.requests import (
    ExperimentsQuery,
    FailExperiment,
    NoQuery,
    RegisterExperiment,
)

_ROOT = "/api/v1/experiments"
_ONE = f"{_ROOT}/{{experiment}}"
_TAG = "experiments"
_NOW = {200: Reply("The experiment as it is now.", ExperimentAnswer)}

LIST = Operation(
    id="listExperiments",
    tag=_TAG,
    summary="List experiments by name",
    query=ExperimentsQuery,
    replies={200: Reply("A part of the list.", ExperimentList)},
    errors=(AmbiguousNameError,),
)
REGISTER = Operation(
    id="registerExperiment",
    tag=_TAG,
    summary="Make a directory an experiment; one that is known is answered as it is",
    body=RegisterExperiment,
    replies=_NOW,
    errors=(ConflictError, NameTakenError),
    names={"experiment": "id"},
)
SHOW = Operation(
    id="showExperiment",
    tag=_TAG,
    summary="Show an experiment",
    replies=_NOW,
    errors=(AmbiguousNameError,),
)
DELETE = Operation(
    id="deleteExperiment",
    tag=_TAG,
    summary="Forget an experiment that is on no board and would not be found again",
    replies={204: Reply("It is forgotten; its files are not touched.")},
    errors=(AmbiguousNameError, ConflictError),
)
COMPLETE = Operation(
    id="completeExperiment",
    tag=_TAG,
    summary="Say that no more data will come",
    replies=_NOW,
    errors=(AmbiguousNameError,),
)
FAIL = Operation(
    id="failExperiment",
    tag=_TAG,
    summary="Say that an experiment failed, and why",
    body=FailExperiment,
    replies=_NOW,
    errors=(AmbiguousNameError,),
)


def routes(experiments: Experiments, share: LoopShare) -> tuple[Route, ...]:
    """Return the routes of experiments."""
    api = ExperimentsApi(experiments, share)
    return (
        Route("GET", _ROOT, Who.VIEWERS, api.list, operation=LIST),
        Route("POST", _ROOT, Who.EDITORS, api.register, operation=REGISTER),
        Route("GET", _ONE, Who.VIEWERS, api.show, operation=SHOW),
        Route("DELETE", _ONE, Who.EDITORS, api.delete, operation=DELETE),
        Route("POST", f"{_ONE}/complete", Who.EDITORS, api.complete, operation=COMPLETE),
        Route("POST", f"{_ONE}/fail", Who.EDITORS, api.fail, operation=FAIL),
    )


@dataclass(frozen=True, slots=True)
class ExperimentsApi:
    """The handlers: each reads the request, asks one use case, and answers."""

    experiments: Experiments
    share: LoopShare

    async def list(self, exchange: Exchange) -> web.Response:
        """GET /experiments."""
        query = query_of(exchange, ExperimentsQuery)
        found = self.experiments.list(state=query.state, text=query.text)
        if query.name is not None:
            named = self._named(query.name)
            found = tuple(one for one in found if one == named)
        return await listed(
            found,
            query,
            ExperimentList,
            key=self._key,
            shown=partial(experiment_answer, self.experiments),
            share=self.share,
        )

    async def register(self, exchange: Exchange) -> web.Response:
        """POST /experiments."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, RegisterExperiment)
        experiment = await self.experiments.register(body.path, name=body.name, held=body.running)
        return self._answer(experiment)

    async def show(self, exchange: Exchange) -> web.Response:
        """GET /experiments/{experiment}."""
        query_of(exchange, NoQuery)
        return self._answer(self.experiments.find(exchange.params["experiment"]))

    async def delete(self, exchange: Exchange) -> web.Response:
        """DELETE /experiments/{experiment}."""
        await nothing_else(exchange)
        await self.experiments.delete(exchange.identity, exchange.params["experiment"])
        return nothing()

    async def complete(self, exchange: Exchange) -> web.Response:
        """POST /experiments/{experiment}/complete."""
        await nothing_else(exchange)
        experiment = await self.experiments.complete(
            exchange.params["experiment"], by=who(exchange.identity)
        )
        return self._answer(experiment)

    async def fail(self, exchange: Exchange) -> web.Response:
        """POST /experiments/{experiment}/fail."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, FailExperiment)
        experiment = await self.experiments.fail(
            exchange.params["experiment"], reason=body.reason, by=who(exchange.identity)
        )
        return self._answer(experiment)

    def _named(self, reference: str) -> Experiment | None:
        try:
            return self.experiments.find(reference)
        except NotFoundError:
            return None

    def _key(self, experiment: Experiment) -> str:
        return f"{self.experiments.display_name(experiment)}\n{experiment.id}"

    def _answer(self, experiment: Experiment) -> web.Response:
        return answer(experiment_answer(self.experiments, experiment))


def experiment_answer(experiments: Experiments, experiment: Experiment) -> ExperimentAnswer:
    """Return the experiment as everybody sees it."""
    return ExperimentAnswer(
        id=experiment.id,
        name=experiments.display_name(experiment),
        path=experiment.path,
        state=experiment.state,
        reason=experiment.reason,
        held=experiment.held,
        bytes=experiment.bytes,
        last_event_at=experiment.last_event_at,
        created_at=experiment.created_at,
        problem=experiment.problem,
    )
