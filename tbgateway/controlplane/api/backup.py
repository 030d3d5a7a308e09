"""Backups, in the API: all records as one file, and back."""

from dataclasses import dataclass

from aiohttp import web

from tbgateway.backups import Backups
from tbgateway.controlplane.api.answering import answer
from tbgateway.controlplane.api.asking import nothing_else, query_of
from tbgateway.domain.errors import ConflictError, DeniedError, UnsupportedMediaTypeError
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import RestoredAnswer
from tbgateway.schemas.operations import SQLITE, Operation, Reply
from tbgateway.schemas.requests import NoQuery

_ROOT = "/api/v1/backup"
_TAG = "gateway"
_LARGEST = 268_435_456  # bytes; the gateway has it in memory, as it has all records
_PIECE = 262_144  # bytes; a slow reader costs no more than a few of these beside the whole

MAKE = Operation(
    id="backUp",
    tag=_TAG,
    summary="Read all records as one file",
    replies={200: Reply("An SQLite database.", media_type=SQLITE)},
)
RESTORE = Operation(
    id="restore",
    tag=_TAG,
    summary="Replace all records by those of a backup",
    content=SQLITE,
    replies={200: Reply("How many records there are now.", RestoredAnswer)},
    errors=(ConflictError,),
)


def routes(backups: Backups) -> tuple[Route, ...]:
    """Return the routes of backups."""
    api = BackupApi(backups)
    return (
        Route("GET", _ROOT, Who.ADMINS, api.make, operation=MAKE),
        Route("PUT", _ROOT, Who.ADMINS, api.restore, body_limit=_LARGEST, operation=RESTORE),
    )


@dataclass(frozen=True, slots=True)
class BackupApi:
    """The handlers: each reads the request, asks one use case, and answers."""

    backups: Backups

    async def make(self, exchange: Exchange) -> web.StreamResponse:
        """GET /backup."""
        await nothing_else(exchange)
        _refuse_mere_session(exchange)
        content = memoryview(await self.backups.make(exchange.identity))
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = SQLITE
        response.content_length = len(content)
        await response.prepare(exchange.request)
        for begin in range(0, len(content), _PIECE):
            await response.write(content[begin : begin + _PIECE])
        return response

    async def restore(self, exchange: Exchange) -> web.Response:
        """PUT /backup."""
        query_of(exchange, NoQuery)
        _refuse_mere_session(exchange)
        if exchange.request.content_type != SQLITE:
            raise UnsupportedMediaTypeError(
                f"The body's Content-Type is not {SQLITE}.",
                hint=f"Send the file of a backup, with the header Content-Type: {SQLITE}",
            )
        done = await self.backups.restore(exchange.identity, exchange.body)
        return answer(
            RestoredAnswer(
                boards=done.boards,
                experiments=done.experiments,
                members=done.members,
                tokens=done.tokens,
                tokens_back=done.tokens_back,
            )
        )


def _refuse_mere_session(exchange: Exchange) -> None:
    """Refuse a browser that was left open: a backup holds the digests of all passwords."""
    if exchange.session is not None:
        raise DeniedError(
            "A session alone does not suffice for backups.",
            hint="Send your user name and password (HTTP Basic) or an API token.",
            command="tbgateway backup FILE",
        )
