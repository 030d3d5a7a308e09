"""Events, in the API: what happens, as it happens (Server-Sent Events)."""

import asyncio

from aiohttp import hdrs, web

from tbgateway.boards import Boards
from tbgateway.controlplane.api.asking import query_of
from tbgateway.controlplane.api.event_feed import EventFeed, ExperimentEvents
from tbgateway.controlplane.api.event_stream import EventStream, Streams
from tbgateway.credentials.authorization import Bearer, parse_authorization
from tbgateway.credentials.tokens import digest_of
from tbgateway.domain.errors import NotFoundError, TooManyRequestsError, UnavailableError
from tbgateway.events import Bus
from tbgateway.experiments import Experiments
from tbgateway.members import Members, Ticket, who
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.events import EventsQuery
from tbgateway.schemas.operations import EVENT_STREAM, Header, Operation, Reply

_LAST_EVENT_ID = "Last-Event-ID"
_LAST_WORDS = 0.5  # seconds for a client to take what was sent before its stream ends


class EventsApi:
    """Lets members listen to what they may see."""

    def __init__(
        self, bus: Bus, boards: Boards, experiments: Experiments, members: Members
    ) -> None:
        self.bus = bus
        self.streams = Streams()
        self._boards = boards
        self._experiments = ExperimentEvents(experiments)
        self._members = members

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of events."""
        return (Route("GET", "/api/v1/events", Who.VIEWERS, self.listen, operation=_LISTEN),)

    def close(self) -> None:
        """End every stream: now, or soon where a client has to be waited for."""
        self.bus.close()
        asyncio.get_running_loop().call_later(_LAST_WORDS, self.streams.cut_off)

    async def listen(self, exchange: Exchange) -> web.StreamResponse:
        """GET /events."""
        query = query_of(exchange, EventsQuery)
        identity = exchange.identity
        board = None if query.board is None else self._boards.find(query.board, identity)
        if self.bus.closed:
            raise UnavailableError("The gateway is stopping.", hint="Ask again in a moment.")
        with self.streams.one_more(who(identity), exchange.request.transport):
            session = None if exchange.session is None else exchange.session.id
            ticket = self._members.ticket(identity, _token_id(exchange), session)
            feed = EventFeed(self._boards, self._experiments, exchange, board, query.brief)
            stream = EventStream(self.bus, feed, lambda: self._may_go_on(ticket), self.streams)
            return await stream.run(exchange.request, self._place(exchange, query))

    def _may_go_on(self, ticket: Ticket | None) -> bool:
        return ticket is None or self._members.honours(ticket)

    def _place(self, exchange: Exchange, query: EventsQuery) -> int | None:
        told = exchange.request.headers.get(_LAST_EVENT_ID, query.last_event_id)
        return None if told is None else self.bus.place_of(told)


def _token_id(exchange: Exchange) -> str | None:
    """Return which API token was sent, if one was: the stream ends with it."""
    match parse_authorization(exchange.request.headers.getall(hdrs.AUTHORIZATION, ())):
        case Bearer(token=secret):
            parsed = digest_of(secret)
            return None if parsed is None else parsed[0]
        case _:
            return None


_LISTEN = Operation(
    id="listenToEvents",
    tag="events",
    summary="Listen to what happens to the boards and experiments the caller may see",
    replies={200: Reply("A stream that ends when the gateway stops.", media_type=EVENT_STREAM)},
    query=EventsQuery,
    headers={
        _LAST_EVENT_ID: Header("The id of the last event that was received, to go on after it.")
    },
    errors=(NotFoundError, TooManyRequestsError, UnavailableError),
)
