"""What a stream of events says, beside boards and experiments as the API shows them anywhere."""

from tbgateway.schemas.answers import Answer
from tbgateway.schemas.fields import Reference, ShortText
from tbgateway.schemas.requests import Query


class EventsQuery(Query):
    """GET /events; `last_event_id` is for those who cannot send the header Last-Event-ID.

    `brief` events say which board or experiment changed, and nothing of how it is now.
    """

    board: Reference | None = None
    last_event_id: ShortText | None = None
    brief: bool = False


class NamedAnswer(Answer):
    """Which board or experiment it is that changed, or is not there any more."""

    id: str
    name: str


class ResetAnswer(Answer):
    """Nothing more to say than the event's name does: fetch everything anew."""


class BoardResetAnswer(ResetAnswer):
    """The one board that this stream is about, under the id that stays when its name does not."""

    id: str
    name: str
