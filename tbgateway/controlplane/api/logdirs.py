"""The directories where experiments are found, in the API."""

from operator import attrgetter

from aiohttp import web

from tbgateway.controlplane.api.answering import listed
from tbgateway.controlplane.api.asking import query_of
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.experiments import Experiments, Logdir
from tbgateway.routes import Exchange, Handle, Route, Who
from tbgateway.schemas.answers import LogdirAnswer, LogdirList
from tbgateway.schemas.operations import Operation, Reply
from tbgateway.schemas.requests import ListQuery

LIST = Operation(
    id="listLogdirs",
    tag="experiments",
    summary="List the directories where experiments are found by themselves, by name",
    query=ListQuery,
    replies={200: Reply("A part of the list.", LogdirList)},
)


def routes(experiments: Experiments, share: LoopShare) -> tuple[Route, ...]:
    """Return the route of logdirs."""
    handle = _lister(experiments, share)
    return (Route("GET", "/api/v1/logdirs", Who.EDITORS, handle, operation=LIST),)


def _lister(experiments: Experiments, share: LoopShare) -> Handle:
    async def list_logdirs(exchange: Exchange) -> web.Response:
        """GET /logdirs."""
        return await listed(
            experiments.logdirs,
            query_of(exchange, ListQuery),
            LogdirList,
            key=attrgetter("name"),
            shown=_answer,
            share=share,
        )

    return list_logdirs


def _answer(logdir: Logdir) -> LogdirAnswer:
    return LogdirAnswer(name=logdir.name, path=str(logdir.path), depth=logdir.depth, new=logdir.new)
