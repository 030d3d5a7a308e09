"""What happens at the gateway, as it happens; lost connections are made again."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from tbgateway.client.decoding import decode
from tbgateway.client.problems import error_from
from tbgateway.client.results import Board, Experiment
from tbgateway.client.transport import Answer, Request, Stream, Transport
from tbgateway.domain.errors import (
    NotFoundError,
    TbgatewayError,
    TimedOutError,
    TooManyRequestsError,
    UnavailableError,
    UnreachableError,
)

SILENCE = 45.0
"""Seconds without a word after which a stream counts as lost: three heartbeats."""
TRANSIENT = (UnreachableError, TimedOutError, TooManyRequestsError, UnavailableError)
"""What may be better when asked again a little later."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Fetch everything anew: from here on every change is told, but what came before is not."""


@dataclass(frozen=True, slots=True)
class BoardChanged:
    """A board, as it is now."""

    board: Board


@dataclass(frozen=True, slots=True)
class BoardDeleted:
    """A board that is not there any more, or not for this client."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ExperimentChanged:
    """An experiment, as it is now."""

    experiment: Experiment


@dataclass(frozen=True, slots=True)
class ExperimentDeleted:
    """An experiment that is not there any more."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The gateway does not answer and is asked again and again; a Reset follows when it does."""

    error: TbgatewayError


Event = Reset | BoardChanged | BoardDeleted | ExperimentChanged | ExperimentDeleted | Lost


@dataclass(slots=True)
class EventListener:
    """Listens to one gateway; knows where it was, to go on there.

    `patience` is for how many seconds a gateway that was reached once may stay away, from the
    first time that this was noticed.
    """

    transport: Transport
    board: str | None = None
    patience: float = 60.0
    _last_id: str | None = None
    _retry: float = 2.0
    _heard: int = 0  # blocks, so far
    _away_since: float | None = None
    _lost: bool = False
    _one: BoardDeleted | None = None  # what to say when the one board is gone

    def events(self) -> Iterator[Event]:
        """Yield events, the first of all a Reset; for ever, or until the one board is deleted.

        The board stays the same one when it gets another name. If it was deleted while there was
        no connection, that is told by the next one.
        Raise what the gateway answers, and UnreachableError or TimedOutError if it cannot be
        reached, or not any more.
        """
        while True:
            pause, before = 0.0, self._heard
            try:
                for event in self._connected():
                    yield event
                    if isinstance(event, BoardDeleted) and self.board is not None:
                        return
            except NotFoundError:
                if self._one is None:
                    raise
                yield self._one
                return
            except TRANSIENT as error:
                yield from self._missed(error, before)
                pause = error.retry_after or 0.0
            time.sleep(max(self._retry, pause))

    def _missed(self, error: TbgatewayError, before: int) -> Iterator[Lost]:
        """Say once that no more than `before` was heard; raise the error if it is for too long."""
        now = time.monotonic()
        if self._away_since is None:
            self._away_since = now
        if not self._heard or now - self._away_since >= self.patience:
            raise error
        if self._heard == before and not self._lost:
            self._lost = True
            self._last_id = None  # so that the first to come is a Reset
            yield Lost(error)

    def _connected(self) -> Iterator[Event]:
        board = self.board if self._one is None else self._one.id
        query = {} if board is None else {"board": board}
        headers = {"Accept": "text/event-stream"}
        if self._last_id is not None:
            headers["Last-Event-ID"] = self._last_id
        with self.transport.stream(
            Request("GET", "/events", query=query), headers, silence=SILENCE
        ) as stream:
            _raise_refusal(stream)
            for block in _blocks(stream.lines):
                self._notice(block)
                event = _event(block)
                if event is not None:
                    self._recognize(event, block)
                    yield event

    def _notice(self, block: Mapping[str, str]) -> None:
        """Keep what every block tells, whatever happened."""
        self._heard += 1
        self._away_since = None
        self._lost = False
        self._last_id = block.get("id", self._last_id)
        self._retry = _seconds(block.get("retry"), self._retry)

    def _recognize(self, event: Event, block: Mapping[str, str]) -> None:
        """Keep the id and the newest name of the one board."""
        if self.board is None:
            return
        match event:
            case BoardChanged(board):
                self._one = BoardDeleted(board.id, board.name)
            case Reset() if named := _data(block):
                self._one = decode(BoardDeleted, named)


def _raise_refusal(stream: Stream) -> None:
    """Raise the error of an answer that is no stream of events."""
    if stream.status != HTTPStatus.OK:
        raise error_from(Answer(stream.status, stream.headers, b"".join(stream.lines)))


def _blocks(lines: Iterable[bytes]) -> Iterator[Mapping[str, str]]:
    """Yield the fields of each block; the gateway gives none of them twice."""
    fields: dict[str, str] = {}
    for line in lines:
        text = line.decode(errors="replace").rstrip("\r\n")
        if not text:
            yield fields
            fields = {}
            continue
        name, _, value = text.partition(":")
        fields[name] = value.removeprefix(" ")


def _event(block: Mapping[str, str]) -> Event | None:
    """Return what a block tells; None if that is nothing, or nothing that is known here."""
    match block.get("event"):
        case "reset":
            return Reset()
        case "board":
            return BoardChanged(decode(Board, _data(block)))
        case "board-deleted":
            return decode(BoardDeleted, _data(block))
        case "experiment":
            return ExperimentChanged(decode(Experiment, _data(block)))
        case "experiment-deleted":
            return decode(ExperimentDeleted, _data(block))
        case _:
            return None


def _data(block: Mapping[str, str]) -> object:
    try:
        return json.loads(block.get("data", ""))
    except ValueError as error:
        raise UnreachableError(
            "An event is not JSON.",
            hint="Something else than a tbgateway seems to answer at this address.",
        ) from error


def _seconds(milliseconds: str | None, otherwise: float) -> float:
    known = milliseconds is not None and milliseconds.isascii() and milliseconds.isdigit()
    return int(milliseconds or 0) / 1000 if known else otherwise
