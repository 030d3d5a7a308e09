import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp.test_utils import make_mocked_request
from house import House, opened
from running_api import MakeExperiment, RunningApi

from tbgateway.controlplane.api import experiments
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.description import (
    LONGEST_KEY,
    LONGEST_NOTES,
    LONGEST_TAG,
    LONGEST_VALUE,
    MOST_PARAMS,
    MOST_TAGS,
)
from tbgateway.domain.model import Role
from tbgateway.routes import Door, Exchange, Target


def test_an_experiment_tells_what_is_known_of_it(gateway: RunningApi) -> None:
    experiment = gateway.ask("GET", "/experiments/first").json()
    assert set(experiment) == {
        *("id", "name", "path", "state", "reason", "held", "bytes", "last_event_at"),
        *("created_at", "problem", "params", "tags", "notes", "lease", "description_problem"),
    }
    assert (experiment["params"], experiment["tags"], experiment["notes"]) == ({}, [], "")
    assert (experiment["lease"], experiment["description_problem"]) == (None, None)
    assert experiment["state"] == "running"
    assert experiment["bytes"] > 0
    assert experiment["last_event_at"].endswith("Z")


def test_an_absurd_time_of_a_file_does_not_keep_the_list_from_anybody(
    gateway: RunningApi, make_experiment: MakeExperiment
) -> None:
    path = make_experiment("odd/run")
    for file in path.rglob("*tfevents*"):
        os.utime(file, (1e12, 1e12))
    made = gateway.ask("POST", "/experiments", {"path": str(path)})
    assert made.status in {200, 201}
    listed = gateway.ask("GET", "/experiments")
    assert listed.status == 200
    known = {one["name"]: one["last_event_at"] for one in listed.json()["items"]}
    # Not every file system keeps so late a time; none may be told that has not come yet.
    told = datetime.fromisoformat(known["odd/run"])
    assert told <= datetime.now(UTC) + timedelta(days=1)


def test_experiments_are_listed_and_chosen(gateway: RunningApi) -> None:
    def listed(query: str = "") -> list[str]:
        items = gateway.ask("GET", f"/experiments{query}").json()["items"]
        return [one["name"] for one in items]

    assert listed() == ["first", "second"]
    assert listed("?text=SEC") == ["second"]
    assert listed("?state=completed") == []
    assert listed("?name=first") == ["first"]
    assert listed("?name=none") == []
    assert listed(f"?name={gateway.logdirs[0]}/second") == ["second"]
    gateway.ask("POST", "/experiments/first/complete")
    assert listed("?state=completed") == ["first"]
    assert listed("?state=completed&name=second") == []


def test_a_list_of_experiments_comes_in_parts(gateway: RunningApi) -> None:
    first = gateway.ask("GET", "/experiments?limit=1").json()
    second = gateway.ask("GET", f"/experiments?limit=1&cursor={quote(first['next'])}").json()
    assert [one["name"] for one in first["items"] + second["items"]] == ["first", "second"]


def test_a_directory_is_registered_once(
    gateway: RunningApi, make_experiment: MakeExperiment
) -> None:
    path = str(make_experiment("a, b/ü 50%#"))
    body = {"path": path, "name": "project/run", "running": True}
    experiment = gateway.ask("POST", "/experiments", body).json()
    assert (experiment["name"], experiment["held"]) == ("project/run", True)
    again = gateway.ask("POST", "/experiments", {"path": path}).json()
    assert again["id"] == experiment["id"]
    named = gateway.ask("GET", "/experiments?name=project%2Frun").json()["items"]
    assert [one["id"] for one in named] == [experiment["id"]]


def test_experiments_are_chosen_by_what_is_said_of_them(gateway: RunningApi) -> None:
    for name, lr in (("first", 0.0005), ("second", 0.1)):
        change = {"params": {"lr": lr}, "tags": {"add": ["Baseline", name]}}
        assert gateway.ask("PATCH", f"/experiments/{name}", change).status == 200

    def listed(query: str) -> list[str]:
        items = gateway.ask("GET", f"/experiments?{query}").json()["items"]
        return [one["name"] for one in items]

    assert listed("tag=Baseline") == ["first", "second"]
    assert listed("tag=Baseline&tag=second") == ["second"]
    assert listed("param=lr%3C1e-3") == ["first"]
    assert listed("param=lr&param=lr%3E1e-3&text=baseL") == ["second"]
    assert listed("since=2026-01-01T00%3A00%3A00%2B01%3A00") == ["first", "second"]
    assert listed("since=2126-01-01") == []
    assert listed("tag=none") == []


def test_parameters_come_back_as_they_were_said(gateway: RunningApi) -> None:
    params = {"amp": True, "epochs": 1, "lr": 1.0, "model": "vit", "big": 2**64 - 1}
    answer = gateway.ask("PATCH", "/experiments/first", {"params": params}).json()["params"]
    assert answer == params
    assert [type(value) for value in answer.values()] == [bool, int, float, str, int]


def test_a_description_is_changed_in_what_is_named(gateway: RunningApi) -> None:
    first = {"params": {"lr": 1, "typo": 1}, "tags": {"add": ["a", "b"]}, "notes": "# x"}
    gateway.ask("PATCH", "/experiments/first", first)
    change = {"params": {"typo": None}, "tags": {"add": ["c"], "remove": ["a", "c"]}}
    left = gateway.ask("PATCH", "/experiments/first", change).json()
    assert (left["params"], left["tags"], left["notes"]) == ({"lr": 1}, ["b"], "# x")
    assert gateway.ask("PATCH", "/experiments/first", {"notes": ""}).json()["notes"] == ""
    assert gateway.ask("PATCH", "/experiments/first", {}).json()["tags"] == ["b"]


@pytest.mark.parametrize("letter", ["v", "é", "😀"])
def test_all_that_may_be_said_fits_into_a_request(gateway: RunningApi, letter: str) -> None:
    names = [f"{number:04}".ljust(LONGEST_KEY, letter) for number in range(MOST_PARAMS)]
    tags = [f"{number:02}".ljust(LONGEST_TAG, letter) for number in range(MOST_TAGS)]
    said = {"params": dict.fromkeys(names, letter * LONGEST_VALUE), "notes": letter * LONGEST_NOTES}
    path = str(gateway.logdirs[0] / "first")

    begun = gateway.ask("POST", "/experiments", {"path": path, **said, "tags": tags})
    assert begun.status == 200
    assert {name: begun.json()[name] for name in said} == said

    assert gateway.ask("PATCH", "/experiments/first", {"notes": "", "tags": {"remove": tags}})
    changes = {"add": tags, "remove": []}
    again = gateway.ask("PATCH", "/experiments/first", {**said, "tags": changes})
    assert again.status == 200
    assert (again.json()["tags"], again.json()["notes"]) == (tags, said["notes"])


async def test_others_get_their_turns_while_experiments_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiments, "_AT_A_TIME", 1)
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with opened(tmp_path, House) as house:
        await house.find(*(f"run-{number}" for number in range(20)))
        api = experiments.ExperimentsApi(house.experiments, LoopShare(0.0))
        others = asyncio.ensure_future(take_turns())
        answer = await api.list(asked("text=none"))
        others.cancel()
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body) == {"items": [], "next": None}
    assert turns >= 20


def asked(query: str) -> Exchange:
    return Exchange(
        request=make_mocked_request("GET", f"/api/v1/experiments?{query}"),
        door=Door.PUBLIC,
        request_id="r1",
        started=0.0,
        target=Target(raw="", path="/api/v1/experiments", query=query, prefix=""),
    )


def test_a_description_that_would_be_too_much_is_refused_as_a_whole(gateway: RunningApi) -> None:
    many = [f"tag {number}" for number in range(64)]
    assert gateway.ask("PATCH", "/experiments/first", {"tags": {"add": many}}).status == 200
    more = {"tags": {"add": ["one more"]}, "notes": "x"}
    refused = gateway.ask("PATCH", "/experiments/first", more)
    assert (refused.status, refused.json()["field"]) == (422, "tags")
    assert gateway.ask("GET", "/experiments/first").json()["notes"] == ""


def test_a_script_begins_an_experiment_lives_and_ends_it(
    gateway: RunningApi, tmp_path: Path
) -> None:
    path = tmp_path / "runs" / "third"
    path.mkdir()
    (path / ".tbgateway-nonce").write_text("n" * 16)
    told = {"params": {"lr": 0.1}, "tags": ["new"], "notes": "It begins."}
    body = {"path": str(path), "lease": 60, "nonce": "n" * 16, **told}
    begun = gateway.ask("POST", "/experiments", body).json()
    assert (begun["state"], begun["held"], begun["lease"]) == ("running", True, 60.0)
    assert {name: begun[name] for name in told} == told
    one = f"/experiments/{begun['id']}"
    assert gateway.ask("POST", f"{one}/heartbeat", {"lease": 30}).json()["state"] == "running"
    ended = gateway.ask("POST", f"{one}/fail", {"reason": "NaN", "ended_at": 1763900000}).json()
    assert (ended["state"], ended["reason"], ended["held"]) == ("failed", "NaN", False)
    again = gateway.ask("POST", f"{one}/heartbeat", {"lease": 30}).json()
    assert again["state"] == "failed"


def test_a_directory_that_the_gateway_does_not_see_is_not_shared(
    gateway: RunningApi, make_experiment: MakeExperiment
) -> None:
    path = make_experiment("first")
    (path / ".tbgateway-nonce").write_text("of somebody else")
    for place in (path, path.parent / "not there"):
        body = {"path": str(place), "lease": 60, "nonce": "n" * 16}
        answer = gateway.ask("POST", "/experiments", body)
        assert (answer.status, answer.json()["code"]) == (409, "not-shared")


def test_stopping_says_who_and_why(gateway: RunningApi) -> None:
    stopped = gateway.ask("POST", "/experiments/first/stop", {"reason": "enough"}).json()
    assert (stopped["state"], stopped["reason"]) == ("stopped", "enough")
    assert "admin" in gateway.ask("POST", "/experiments/second/stop").json()["reason"]


def test_completing_and_failing_say_who_and_why(gateway: RunningApi) -> None:
    completed = gateway.ask("POST", "/experiments/first/complete").json()
    assert (completed["state"], completed["reason"]) == ("completed", "completed by admin")
    failed = gateway.ask("POST", "/experiments/second/fail", {"reason": "NaN"}).json()
    assert (failed["state"], failed["reason"]) == ("failed", "NaN")


def test_an_experiment_that_would_be_found_again_is_not_forgotten(gateway: RunningApi) -> None:
    assert gateway.ask("DELETE", "/experiments/first").json()["code"] == "conflict"


def test_a_registered_experiment_can_be_forgotten(
    gateway: RunningApi, make_experiment: MakeExperiment
) -> None:
    path = make_experiment("third/run")
    made = gateway.ask("POST", "/experiments", {"path": str(path), "name": "mine"}).json()
    assert gateway.ask("DELETE", f"/experiments/{made['id']}").status == 204
    assert gateway.ask("GET", f"/experiments/{made['id']}").status == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"path": "/etc"}, "invalid-input"),
        ({"path": "runs/first"}, "invalid-input"),
        ({"name": "x"}, "invalid-input"),
        ({"path": "/x", "running": "yes"}, "invalid-input"),
    ],
)
def test_a_directory_that_cannot_be_one_is_refused(
    gateway: RunningApi, body: object, code: str
) -> None:
    answer = gateway.ask("POST", "/experiments", body)
    assert answer.json()["code"] == code
    assert answer.json()["hint"]


def test_viewers_only_look(gateway: RunningApi) -> None:
    gateway.add_member("vic", Role.VIEWER)
    assert gateway.ask("GET", "/experiments/first", who="vic").status == 200
    for method, path in (
        ("POST", "/experiments"),
        ("DELETE", "/experiments/first"),
        ("POST", "/experiments/first/complete"),
        ("POST", "/experiments/first/fail"),
        ("POST", "/experiments/first/stop"),
        ("POST", "/experiments/first/heartbeat"),
        ("PATCH", "/experiments/first"),
        ("GET", "/logdirs"),
    ):
        assert gateway.ask(method, path, {}, who="vic").status == 403


def test_reasons_and_names_that_cannot_be_seen_are_refused_beside_their_fields(
    gateway: RunningApi, make_experiment: MakeExperiment
) -> None:
    path = str(make_experiment("first"))
    named = gateway.ask("POST", "/experiments", {"path": path, "name": "a\u202eb"})
    failed = gateway.ask("POST", "/experiments/first/fail", {"reason": "a\x1b[31mb"})
    assert (named.status, failed.status) == (422, 422)
    assert named.json()["field"] == "name"
    assert failed.json()["field"] == "reason"
