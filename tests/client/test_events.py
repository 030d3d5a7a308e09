import json
import time
from itertools import islice
from pathlib import Path
from threading import Timer

import pytest
from scripted_server import Script

from tbgateway.client import Client
from tbgateway.client.addresses import Address, SocketAddress
from tbgateway.client.events import (
    BoardChanged,
    BoardDeleted,
    ExperimentChanged,
    ExperimentDeleted,
    Lost,
    Reset,
)
from tbgateway.domain.errors import NotFoundError, UnauthenticatedError, UnreachableError

BOARD = {
    "id": "tb0000000001", "name": "vision", "url": "http://h/boards/vision/", "state": "running",
    "reason": "", "access": "members", "owner": "ada", "username": None, "experiments": [],
    "created_at": "2026-11-23T08:00:00Z", "last_visited_at": None, "notes": [], "log": "",
}  # fmt: skip
EXPERIMENT = {
    "id": "ex0000000001", "name": "resnet", "path": "/runs/resnet", "state": "running",
    "reason": "", "held": False, "bytes": 1, "last_event_at": None,
    "created_at": "2026-11-23T08:00:00Z", "problem": None,
}  # fmt: skip
GONE = {"id": "tb0000000001", "name": "vision"}


def block(event: str, data: object, event_id: str = "e-1") -> bytes:
    return f"id: {event_id}\nevent: {event}\ndata: {json.dumps(data)}\n\n".encode()


BEGINNING = b"retry: 1\n\n" + block("reset", {})


@pytest.fixture
def client(address: Address) -> Client:
    return Client(address)


def refuse(script: Script, status: int, code: str) -> None:
    script.status = status
    script.headers = {"Content-Type": "application/problem+json"}
    script.says({"code": code, "detail": "No."})


def recover(script: Script) -> None:
    script.bodies, script.status = [BEGINNING], 200


def test_events_are_typed(client: Client, script: Script) -> None:
    told = (
        block("board", BOARD), block("board-deleted", GONE), block("experiment", EXPERIMENT),
        block("experiment-deleted", GONE),
    )  # fmt: skip
    script.bodies = [BEGINNING + b"".join(told)]
    reset, board, gone, experiment, forgotten = islice(client.events(), 5)
    assert reset == Reset()
    assert isinstance(board, BoardChanged)
    assert board.board.name == "vision"
    assert gone == BoardDeleted(**GONE)
    assert isinstance(experiment, ExperimentChanged)
    assert experiment.experiment.name == "resnet"
    assert forgotten == ExperimentDeleted(**GONE)


def test_what_is_not_known_yet_and_what_is_silent_is_passed_over(
    client: Client, script: Script
) -> None:
    script.bodies = [
        BEGINNING + block("something-new", {}) + b":\nid: e-2\n\n" + block("board", BOARD)
    ]
    assert [type(one) for one in islice(client.events(), 2)] == [Reset, BoardChanged]


def test_a_lost_stream_is_taken_up_where_it_was(client: Client, script: Script) -> None:
    script.bodies = [
        BEGINNING + block("board", BOARD, "e-7") + b":\nid: e-9\n\n",
        block("board-deleted", GONE, "e-10"),
    ]
    events = list(islice(client.events(), 3))
    assert [type(one) for one in events] == [Reset, BoardChanged, BoardDeleted]
    assert [headers.get("last-event-id") for _, _, headers, _ in script.asked] == [None, "e-9"]


def test_one_board_can_be_asked_for(client: Client, script: Script) -> None:
    script.bodies = [BEGINNING]
    next(client.events(board="vision & sound"))
    (_, path, headers, _) = script.asked[0]
    assert path == "/api/v1/events?board=vision+%26+sound"
    assert headers["accept"] == "text/event-stream"


def test_a_refusal_is_raised_at_once(client: Client, script: Script) -> None:
    refuse(script, 404, "not-found")
    with pytest.raises(NotFoundError):
        next(client.events(board="none"))
    assert len(script.asked) == 1


def test_a_stream_that_ended_with_the_right_to_it_raises(client: Client, script: Script) -> None:
    script.bodies = [BEGINNING]
    events = client.events()
    next(events)
    refuse(script, 401, "unauthenticated")
    with pytest.raises(UnauthenticatedError):
        next(events)


def test_a_gateway_that_was_reached_may_be_away_for_a_while(client: Client, script: Script) -> None:
    script.bodies = [BEGINNING]
    events = client.events(patience=0.1)
    next(events)
    refuse(script, 502, "")
    script.headers = {"Content-Type": "text/html"}
    assert isinstance(next(events), Lost)
    with pytest.raises(UnreachableError):
        next(events)
    assert len(script.asked) > 2


def test_how_long_the_listener_was_busy_is_no_silence_of_the_gateway(
    client: Client, script: Script
) -> None:
    script.bodies = [BEGINNING]
    events = client.events(patience=0.2)
    next(events)
    time.sleep(0.3)
    refuse(script, 503, "unavailable")
    assert isinstance(next(events), Lost)
    recover(script)
    assert next(events) == Reset()


def test_who_lost_the_gateway_is_told_once_and_begins_anew(client: Client, script: Script) -> None:
    script.bodies = [BEGINNING]
    events = client.events()
    next(events)
    refuse(script, 503, "unavailable")
    lost = next(events)
    assert isinstance(lost, Lost)
    assert lost.error.detail == "No."
    Timer(0.05, recover, [script]).start()
    assert next(events) == Reset()
    assert "last-event-id" not in script.asked[-1][2]


def test_nothing_is_asked_for_any_more_when_the_one_board_is_gone(
    client: Client, script: Script
) -> None:
    script.bodies = [BEGINNING + block("board-deleted", GONE)]
    assert list(client.events(board="vision")) == [Reset(), BoardDeleted(**GONE)]
    assert len(script.asked) == 1


@pytest.mark.parametrize("told", [block("reset", GONE), block("reset", {}) + block("board", BOARD)])
def test_the_one_board_is_the_same_under_another_name(
    client: Client, script: Script, told: bytes
) -> None:
    script.bodies = [b"retry: 1\n\n" + told, block("board-deleted", GONE)]
    assert list(client.events(board="vision"))[-1] == BoardDeleted(**GONE)
    paths = [path for _, path, _, _ in script.asked]
    assert paths == ["/api/v1/events?board=vision", "/api/v1/events?board=tb0000000001"]


def test_a_board_that_was_deleted_while_nobody_listened_is_told_at_last(
    client: Client, script: Script
) -> None:
    script.bodies = [b"retry: 1\n\n" + block("reset", GONE)]
    events = client.events(board="vision")
    assert next(events) == Reset()
    refuse(script, 404, "not-found")
    assert list(events) == [BoardDeleted(**GONE)]


def test_what_was_never_reached_raises_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError):
        next(Client(SocketAddress(tmp_path / "none")).events())


def test_an_event_that_is_no_json_is_told(client: Client, script: Script) -> None:
    script.bodies = [BEGINNING + b"id: e-2\nevent: board\ndata: {\n\n"]
    events = client.events(patience=0.0)
    next(events)
    with pytest.raises(UnreachableError, match="not JSON"):
        next(events)
