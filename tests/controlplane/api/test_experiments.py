import os
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from running_api import MakeExperiment, RunningApi

from tbgateway.domain.model import Role


def test_an_experiment_tells_what_is_known_of_it(gateway: RunningApi) -> None:
    experiment = gateway.ask("GET", "/experiments/first").json()
    assert set(experiment) == {
        *("id", "name", "path", "state", "reason", "held", "bytes", "last_event_at"),
        *("created_at", "problem"),
    }
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
