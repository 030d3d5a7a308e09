"""Who looked at a board, in the API."""

from dataclasses import dataclass

from aiohttp import web

from tbgateway.boards import Visits
from tbgateway.controlplane.api.answering import listed
from tbgateway.controlplane.api.asking import query_of
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.errors import DeniedError
from tbgateway.domain.model import Visit
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import VisitAnswer, VisitList
from tbgateway.schemas.operations import Operation, Reply
from tbgateway.schemas.requests import ListQuery

_FAR = 1e10  # Unix seconds: no visit is as late
_LIST = Operation(
    id="listBoardVisits",
    tag="boards",
    summary="List who looked at a board in the last 90 days, the last one first",
    query=ListQuery,
    replies={200: Reply("A part of the list.", VisitList)},
    errors=(DeniedError,),
)


def routes(visits: Visits, share: LoopShare) -> tuple[Route, ...]:
    """Return the routes of visits."""
    api = VisitsApi(visits, share)
    path = "/api/v1/boards/{board}/visits"
    return (Route("GET", path, Who.EDITORS, api.list, operation=_LIST),)


@dataclass(frozen=True, slots=True)
class VisitsApi:
    """The handlers."""

    visits: Visits
    share: LoopShare

    async def list(self, exchange: Exchange) -> web.Response:
        """GET /boards/{board}/visits."""
        query = query_of(exchange, ListQuery)
        found = self.visits.list(exchange.identity, exchange.params["board"])
        return await listed(
            found, query, VisitList, key=_newest_first, shown=_shown, share=self.share
        )


def _newest_first(visit: Visit) -> str:
    return f"{_FAR - visit.last_at:018.6f}\n{visit.kind}\n{visit.visitor}"


def _shown(visit: Visit) -> VisitAnswer:
    return VisitAnswer(
        kind=visit.kind,
        visitor=visit.visitor,
        visits=visit.visits,
        first_at=visit.first_at,
        last_at=visit.last_at,
    )
