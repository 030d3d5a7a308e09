"""Experiments, in the API.

Paths carry ids (or names without a slash); any other reference travels in `GET /experiments?name=`
and in bodies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from tbgateway.controlplane.api import experiment_operations as operations
from tbgateway.controlplane.api.answering import answer, listed, nothing
from tbgateway.controlplane.api.asking import body_of, nothing_else, query_of
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.turns import in_turns
from tbgateway.domain.description import Edit, Told
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Experiment
from tbgateway.experiments import Experiments, Search
from tbgateway.members import who
from tbgateway.routes import Exchange, Handle, Route, Who
from tbgateway.schemas.answers import ExperimentAnswer, ExperimentList
from tbgateway.schemas.operations import Operation
from tbgateway.schemas.requests import (
    CompleteExperiment,
    DescribeExperiment,
    ExperimentsQuery,
    FailExperiment,
    NoQuery,
    RegisterExperiment,
    RenewLease,
    StopExperiment,
)

_ROOT = "/api/v1/experiments"
_ONE = f"{_ROOT}/{{experiment}}"
_AT_A_TIME = 100  # of experiments that are searched for: a millisecond or so
_BODY_LIMIT = 16_777_216
"""All that may be said of an experiment fits, however its text is written in JSON."""


def routes(experiments: Experiments, share: LoopShare) -> tuple[Route, ...]:
    """Return the routes of experiments."""
    api = ExperimentsApi(experiments, share)
    return (
        Route("GET", _ROOT, Who.VIEWERS, api.list, operation=operations.LIST),
        Route("POST", _ROOT, Who.EDITORS, api.register, _BODY_LIMIT, operations.REGISTER),
        Route("GET", _ONE, Who.VIEWERS, api.show, operation=operations.SHOW),
        Route("PATCH", _ONE, Who.EDITORS, api.describe, _BODY_LIMIT, operations.DESCRIBE),
        Route("DELETE", _ONE, Who.EDITORS, api.delete, operation=operations.DELETE),
        _saying("heartbeat", api.heartbeat, operations.HEARTBEAT),
        _saying("complete", api.complete, operations.COMPLETE),
        _saying("fail", api.fail, operations.FAIL),
        _saying("stop", api.stop, operations.STOP),
    )


def _saying(verb: str, handle: Handle, operation: Operation) -> Route:
    return Route("POST", f"{_ONE}/{verb}", Who.EDITORS, handle, operation=operation)


@dataclass(frozen=True, slots=True)
class ExperimentsApi:
    """The handlers: each reads the request, asks one use case, and answers."""

    experiments: Experiments
    share: LoopShare

    async def list(self, exchange: Exchange) -> web.Response:
        """GET /experiments."""
        query = query_of(exchange, ExperimentsQuery)
        search = Search(
            state=query.state,
            text=query.text,
            tags=query.tag,
            conditions=query.param,
            since=query.since,
        )
        known = self.experiments.list() if query.name is None else self._named(query.name)
        chosen = partial(self.experiments.list, search)
        return await listed(
            await in_turns(self.share, known, chosen, _AT_A_TIME),
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
        experiment = await self.experiments.register(
            body.path,
            name=body.name,
            held=body.running,
            lease=body.lease,
            nonce=body.nonce,
            told=Told(params=body.params, tags=body.tags, notes=body.notes),
        )
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

    async def describe(self, exchange: Exchange) -> web.Response:
        """PATCH /experiments/{experiment}."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, DescribeExperiment)
        edit = Edit(
            params=body.params,
            add_tags=body.tags.add,
            remove_tags=body.tags.remove,
            notes=body.notes,
        )
        return self._answer(await self.experiments.describe(exchange.params["experiment"], edit))

    async def heartbeat(self, exchange: Exchange) -> web.Response:
        """POST /experiments/{experiment}/heartbeat."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, RenewLease)
        ref = exchange.params["experiment"]
        return self._answer(await self.experiments.heartbeat(ref, body.lease))

    async def complete(self, exchange: Exchange) -> web.Response:
        """POST /experiments/{experiment}/complete."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, CompleteExperiment)
        experiment = await self.experiments.complete(
            exchange.params["experiment"], by=who(exchange.identity), ended_at=body.ended_at
        )
        return self._answer(experiment)

    async def fail(self, exchange: Exchange) -> web.Response:
        """POST /experiments/{experiment}/fail."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, FailExperiment)
        experiment = await self.experiments.fail(
            exchange.params["experiment"],
            reason=body.reason,
            by=who(exchange.identity),
            ended_at=body.ended_at,
        )
        return self._answer(experiment)

    async def stop(self, exchange: Exchange) -> web.Response:
        """POST /experiments/{experiment}/stop."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, StopExperiment)
        experiment = await self.experiments.stop(
            exchange.params["experiment"],
            reason=body.reason,
            by=who(exchange.identity),
            ended_at=body.ended_at,
        )
        return self._answer(experiment)

    def _named(self, reference: str) -> Sequence[Experiment]:
        try:
            return (self.experiments.find(reference),)
        except NotFoundError:
            return ()

    def _key(self, experiment: Experiment) -> str:
        return f"{self.experiments.display_name(experiment)}\n{experiment.id}"

    def _answer(self, experiment: Experiment) -> web.Response:
        return answer(experiment_answer(self.experiments, experiment))


def experiment_answer(experiments: Experiments, experiment: Experiment) -> ExperimentAnswer:
    """Return the experiment as everybody sees it."""
    description = experiments.description(experiment.id)
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
        params=description.params,
        tags=description.tags,
        notes=description.notes,
        lease=experiment.lease,
        description_problem=description.problem or None,
    )
