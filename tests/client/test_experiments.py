"""What the client asks about experiments, as it is sent."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted_server import Script

from tbgateway.client import Client, Logdir
from tbgateway.client.addresses import Address
from tbgateway.domain.errors import InvalidInputError, NotSharedError

ID = "ex0123456789"
EXPERIMENT = {
    "id": ID,
    "name": "first",
    "path": "/data/first",
    "state": "running",
    "reason": "",
    "held": True,
    "bytes": 1,
    "last_event_at": None,
    "created_at": "2026-11-23T08:00:00.000Z",
    "problem": None,
    "params": {"amp": True, "epochs": 3, "lr": 0.5, "model": "vit"},
    "tags": ["a"],
    "notes": "# fine",
    "lease": 60.0,
    "description_problem": None,
}


@pytest.fixture
def client(address: Address) -> Client:
    return Client(address)


def last(script: Script) -> tuple[str, str, object]:
    """Return what was asked last: the method, the path below the API, the body."""
    method, path, _, body = script.asked[-1]
    return method, path.removeprefix("/api/v1"), json.loads(body) if body else None


def test_an_experiment_says_what_is_said_of_it(client: Client, script: Script) -> None:
    script.says(EXPERIMENT)
    found = client.experiments.show(ID)
    assert found.params == EXPERIMENT["params"]
    assert [type(value) for value in found.params.values()] == [bool, int, float, str]
    assert (found.tags, found.notes, found.lease) == (("a",), "# fine", 60.0)
    assert len({found, found}) == 1


def test_an_older_gateway_says_nothing_of_it(client: Client, script: Script) -> None:
    newer = {"params", "tags", "notes", "lease", "description_problem"}
    script.says({key: value for key, value in EXPERIMENT.items() if key not in newer})
    found = client.experiments.show(ID)
    assert (found.params, found.tags, found.notes, found.lease) == ({}, (), "", None)


def test_all_that_is_sought_is_asked_for_at_once(client: Client, script: Script) -> None:
    script.says({"items": [EXPERIMENT], "next": None})
    since = datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=1)))
    client.experiments.list(state="running", tags=["a", "b"], params=["lr<1e-3"], since=since)
    _, path, _ = last(script)
    assert parse_qs(urlsplit(path).query) == {
        "limit": ["1000"],
        "state": ["running"],
        "tag": ["a", "b"],
        "param": ["lr<1e-3"],
        "since": ["2026-11-23T08:00:00+00:00"],
    }


def test_a_list_that_is_not_chosen_from_asks_for_nothing_else(
    client: Client, script: Script
) -> None:
    script.says({"items": [], "next": None})
    assert client.experiments.list() == ()
    assert last(script)[1] == "/experiments?limit=1000"


def test_what_is_registered_says_only_what_is_given(client: Client, script: Script) -> None:
    script.says(EXPERIMENT)
    client.experiments.register("/data/first")
    assert last(script) == ("POST", "/experiments", {"path": "/data/first"})
    client.experiments.register(
        "/data/first", lease=60, nonce="n" * 16, params={"lr": 0.1}, tags=("a",), notes=""
    )
    assert last(script)[2] == {
        "path": "/data/first",
        "lease": 60,
        "nonce": "n" * 16,
        "params": {"lr": 0.1},
        "tags": ["a"],
        "notes": "",
    }


def test_a_directory_that_is_not_shared_has_an_error_of_its_own(
    client: Client, script: Script
) -> None:
    script.status = 409
    script.headers["Content-Type"] = "application/problem+json"
    script.says({"code": "not-shared", "detail": "It is not there.", "title": "x", "status": 409})
    with pytest.raises(NotSharedError, match="It is not there"):
        client.experiments.register("/data/first", lease=60, nonce="n" * 16)


def test_a_description_changes_in_what_is_named(client: Client, script: Script) -> None:
    script.says(EXPERIMENT)
    client.experiments.describe(ID, params={"lr": 0.1, "typo": None}, remove_tags=["b"])
    changes = {"params": {"lr": 0.1, "typo": None}, "tags": {"remove": ["b"]}}
    assert last(script) == ("PATCH", f"/experiments/{ID}", changes)
    client.experiments.describe(ID, notes="")
    assert last(script)[2] == {"notes": ""}
    client.experiments.describe(ID)
    assert last(script)[2] == {}


@pytest.mark.parametrize("value", [float("nan"), [1], object()])
def test_a_value_that_cannot_be_sent_is_told_before_it_is(
    client: Client, script: Script, value: Any
) -> None:
    for say in (client.experiments.describe, client.experiments.register):
        with pytest.raises(InvalidInputError, match="The parameter 'lr' cannot be"):
            say(ID, params={"lr": value})
    assert script.asked == []


def test_a_script_begins_lives_and_ends(client: Client, script: Script) -> None:
    script.says(EXPERIMENT)
    said = client.experiments
    said.heartbeat(ID, 60.0)
    assert last(script) == ("POST", f"/experiments/{ID}/heartbeat", {"lease": 60.0})
    said.complete(ID)
    assert last(script) == ("POST", f"/experiments/{ID}/complete", None)
    said.complete(ID, ended_at=12.5)
    assert last(script)[2] == {"ended_at": 12.5}
    said.fail(ID, reason="NaN", ended_at=0.0)
    assert last(script) == ("POST", f"/experiments/{ID}/fail", {"reason": "NaN", "ended_at": 0.0})
    said.stop(ID, reason="enough")
    assert last(script) == ("POST", f"/experiments/{ID}/stop", {"reason": "enough"})


def test_logdirs_are_listed(client: Client, script: Script) -> None:
    logdir = {"name": "runs", "path": "/data/runs", "depth": 1, "new": True}
    script.says({"items": [logdir], "next": None})
    assert client.logdirs() == (Logdir(name="runs", path="/data/runs", depth=1, new=True),)


def test_a_time_without_an_offset_is_local(client: Client, script: Script) -> None:
    script.says({"items": [], "next": None})
    local = datetime(2026, 11, 23, 8)  # noqa: DTZ001 - this is what it is about
    client.experiments.list(since=local)
    sent = parse_qs(urlsplit(last(script)[1]).query)["since"][0]
    assert datetime.fromisoformat(sent) == local.astimezone(UTC)
