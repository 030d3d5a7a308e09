from typing import Any

import pytest
from running_api import MakeExperiment, RunningApi
from running_gateway import eventually

from tbgateway.domain.model import Role
from tbgateway.domain.names import LaunchId
from tbgateway.launchers.launcher import Pending


def create(gateway: RunningApi, name: str = "vision", **fields: object) -> dict[str, Any]:
    answer = gateway.ask("POST", "/boards", {"name": name, **fields})
    assert answer.status == 201, answer
    board: dict[str, Any] = answer.json()
    return board


def names(board: dict[str, Any]) -> list[str]:
    return [one["name"] for one in board["experiments"]]


def test_a_board_is_made_with_everything_it_was_asked_for(gateway: RunningApi) -> None:
    board = create(gateway, experiments=["first"], username="vis", password="s3cret-pass")
    assert set(board) == {
        *("id", "name", "url", "state", "reason", "access", "owner", "username", "experiments"),
        *("created_at", "last_visited_at", "idle_timeout", "notes", "log"),
        *("memory", "cpu"),
    }
    assert board["url"] == f"{gateway.url}/boards/vision/"
    assert (board["access"], board["owner"], board["username"]) == ("password", "admin", "vis")
    (membership,) = board["experiments"]
    assert membership["name"] == "first"
    assert membership["state"] == "adding"
    assert "s3cret-pass" not in str(gateway.ask("GET", "/boards/vision").body)


def test_a_board_without_a_username_is_for_members(gateway: RunningApi) -> None:
    assert create(gateway)["access"] == "members"


def test_boards_are_found_by_name_and_by_id(gateway: RunningApi) -> None:
    board = create(gateway)
    for reference in ("vision", board["id"]):
        assert gateway.ask("GET", f"/boards/{reference}").json()["id"] == board["id"]
    assert gateway.ask("GET", "/boards/none").status == 404


def test_boards_are_listed_in_parts_by_name(gateway: RunningApi) -> None:
    for name in ("c", "a", "b"):
        create(gateway, name)
    first = gateway.ask("GET", "/boards?limit=2").json()
    second = gateway.ask("GET", f"/boards?limit=2&cursor={first['next']}").json()
    assert [one["name"] for one in first["items"] + second["items"]] == ["a", "b", "c"]
    assert second["next"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=1_0", "cursor=%FF", "limt=1", "limit=1&limit=2"]
)
def test_a_list_refuses_what_it_does_not_understand(gateway: RunningApi, query: str) -> None:
    answer = gateway.ask("GET", f"/boards?{query}")
    assert answer.status in {400, 422}
    assert answer.json()["code"] in {"bad-request", "invalid-input"}


def test_experiments_are_put_and_taken_in_one_request(gateway: RunningApi) -> None:
    create(gateway, experiments=["first"])
    change = {"add": ["second"], "remove": ["first"]}
    board = gateway.ask("POST", "/boards/vision/experiments", change).json()
    states = {one["name"]: one["state"] for one in board["experiments"]}
    assert states == {"first": "removing", "second": "adding"}


def test_a_path_is_registered_on_the_way(
    gateway: RunningApi, make_experiment: MakeExperiment
) -> None:
    path = make_experiment("third")
    board = create(gateway, experiments=[str(path)])
    assert names(board) == ["third"]
    assert gateway.ask("GET", "/experiments/third").json()["path"] == str(path)


def test_putting_and_taking_one_experiment_is_idempotent(gateway: RunningApi) -> None:
    create(gateway)
    experiment = gateway.ask("GET", "/experiments/first").json()["id"]
    for _ in range(2):
        answer = gateway.ask("PUT", f"/boards/vision/experiments/{experiment}")
        assert (answer.status, names(answer.json())) == (200, ["first"])
    for _ in range(2):
        assert gateway.ask("DELETE", f"/boards/vision/experiments/{experiment}").status == 200


def test_a_client_that_prefers_to_wait_is_answered_when_experiments_are_visible(
    gateway: RunningApi,
) -> None:
    wait = {"Prefer": "wait=30"}
    answer = gateway.ask(
        "POST", "/boards", {"name": "vision", "experiments": ["first"]}, headers=wait
    )
    assert answer.status == 201
    assert answer.json()["state"] == "running"
    assert [one["visible"] for one in answer.json()["experiments"]] == [True]
    answer = gateway.ask("POST", "/boards/vision/experiments", {"add": ["second"]}, headers=wait)
    assert answer.status == 200
    assert [one["visible"] for one in answer.json()["experiments"]] == [True, True]


def test_what_is_not_visible_in_time_is_answered_with_202(gateway: RunningApi) -> None:
    gateway.launcher.hold = True
    answer = gateway.ask(
        "POST",
        "/boards",
        {"name": "vision", "experiments": ["first"]},
        headers={"Prefer": "respond-async, wait=1"},
    )
    assert answer.status == 202
    assert answer.json()["name"] == "vision"


def test_a_board_can_be_waited_for(gateway: RunningApi) -> None:
    create(gateway, experiments=["first"])
    wait = {"Prefer": "wait=30"}
    assert gateway.ask("GET", "/boards/vision?until=visible", headers=wait).status == 200
    assert gateway.ask("GET", "/boards/vision?until=added").status == 202
    gateway.ask("POST", "/experiments/first/complete")
    assert gateway.ask("GET", "/boards/vision?until=added", headers=wait).status == 200


def test_a_change_of_a_stopped_board_succeeds_even_if_nobody_can_wait_for_it(
    gateway: RunningApi,
) -> None:
    create(gateway)
    assert gateway.ask("POST", "/boards/vision/stop").json()["state"] in {"paused", "sleeping"}
    answer = gateway.ask("PUT", "/boards/vision/experiments/first", headers={"Prefer": "wait=5"})
    assert (answer.status, names(answer.json())) == (202, ["first"])


def test_a_renamed_board_keeps_its_id_and_its_old_name(gateway: RunningApi) -> None:
    board = create(gateway)
    renamed = gateway.ask("PATCH", "/boards/vision", {"name": "sight"}).json()
    assert (renamed["id"], renamed["name"]) == (board["id"], "sight")
    answer = gateway.ask("POST", "/boards", {"name": "vision"})
    assert (answer.status, answer.json()["code"]) == (409, "name-taken")


def test_a_board_is_stopped_and_started_by_a_change_as_well(gateway: RunningApi) -> None:
    create(gateway)
    assert gateway.ask("PATCH", "/boards/vision", {"paused": True}).status == 200
    wait = {"Prefer": "wait=30"}
    assert gateway.ask("POST", "/boards/vision/start", headers=wait).json()["state"] == "running"


def test_who_gets_in_can_be_changed(gateway: RunningApi) -> None:
    create(gateway)
    entry = {"access": "password", "username": "vis", "password": "s3cret-pass"}
    board = gateway.ask("PATCH", "/boards/vision", entry).json()
    assert (board["access"], board["username"]) == ("password", "vis")
    assert gateway.ask("PATCH", "/boards/vision", {"access": "public"}).json()["access"] == "public"


def test_when_a_board_sleeps_can_be_changed_and_reset(gateway: RunningApi) -> None:
    assert create(gateway)["idle_timeout"] is None
    for seconds in (3600, 0, 90.5, None):
        answer = gateway.ask("PATCH", "/boards/vision", {"idle_timeout": seconds})
        assert (answer.status, answer.json()["idle_timeout"]) == (200, seconds)


@pytest.mark.parametrize("seconds", [-1, 59.9, 1e9, "60", True])
def test_a_board_sleeps_at_no_odd_time(gateway: RunningApi, seconds: object) -> None:
    create(gateway)
    answer = gateway.ask("PATCH", "/boards/vision", {"idle_timeout": seconds})
    assert (answer.status, answer.json()["field"]) == (422, "idle_timeout")


def test_when_a_board_sleeps_is_changed_alone(gateway: RunningApi) -> None:
    create(gateway)
    change = {"name": "sight", "idle_timeout": None}
    assert gateway.ask("PATCH", "/boards/vision", change).status == 422


def test_a_deleted_board_is_gone(gateway: RunningApi) -> None:
    create(gateway)
    answer = gateway.ask("DELETE", "/boards/vision")
    assert (answer.status, answer.body) == (204, b"")
    assert gateway.ask("GET", "/boards/vision").status == 404


def test_a_boards_log_is_plain_text(gateway: RunningApi) -> None:
    create(gateway)
    gateway.ask("POST", "/boards/vision/start", headers={"Prefer": "wait=30"})
    answer = gateway.ask("GET", "/boards/vision/log?lines=5")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_members_see_and_change_what_is_theirs(gateway: RunningApi) -> None:
    gateway.add_member("eve", Role.EDITOR)
    gateway.add_member("bob", Role.EDITOR)
    gateway.add_member("vic", Role.VIEWER)
    secret = {"access": "password", "username": "x", "password": "s3cret-pass"}
    gateway.ask("POST", "/boards", {"name": "eves", **secret}, who="eve")
    gateway.ask("POST", "/boards", {"name": "shared"}, who="eve")

    def listed(who: str) -> list[str]:
        return [one["name"] for one in gateway.ask("GET", "/boards", who=who).json()["items"]]

    assert listed("eve") == listed("admin") == ["eves", "shared"]
    assert listed("bob") == listed("vic") == ["shared"]
    assert gateway.ask("GET", "/boards/eves", who="bob").status == 404
    for method, path, body in (
        ("DELETE", "/boards/shared", None),
        ("PATCH", "/boards/shared", {"name": "mine"}),
        ("POST", "/boards/shared/experiments", {"add": ["first"]}),
        ("PUT", "/boards/shared/experiments/first", None),
        ("POST", "/boards/shared/stop", None),
        ("GET", "/boards/shared/log", None),
        ("GET", "/boards/shared/visits", None),
        ("PATCH", "/boards/shared", {"idle_timeout": 60}),
    ):
        assert gateway.ask(method, path, body, who="bob").status == 403, (method, path)
        assert gateway.ask(method, path, body, who="vic").status == 403, (method, path)
    assert gateway.ask("POST", "/boards", {"name": "vics"}, who="vic").status == 403
    assert gateway.ask("DELETE", "/boards/shared", who="eve").status == 204


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid-input"),
        ({"name": "Vision"}, "invalid-input"),
        ({"name": "x", "colour": "red"}, "invalid-input"),
        ({"name": "x", "password": "s3cret-pass"}, "invalid-input"),
        ({"name": "x", "experiments": ["none"]}, "not-found"),
        (b"{", "bad-request"),
    ],
)
def test_a_board_that_cannot_be_is_refused(gateway: RunningApi, body: object, code: str) -> None:
    answer = gateway.ask("POST", "/boards", body)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == code
    assert "s3cret-pass" not in str(answer.body)


def test_a_failed_board_tells_its_last_words_to_those_who_may_change_it(
    gateway: RunningApi,
) -> None:
    create(gateway)
    gateway.add_member("vera", Role.VIEWER)
    gateway.launcher.hold = True

    def shown(**options: str) -> dict[str, Any]:
        answer: dict[str, Any] = gateway.ask("GET", "/boards/vision", **options).json()
        return answer

    async def die(launch: LaunchId) -> None:
        gateway.launcher.say(launch, "no luck today")
        await gateway.launcher.crash(launch, code=1)

    def failed() -> bool:
        for launch, seen in gateway.do(gateway.launcher.observe()).items():
            if isinstance(seen, Pending):
                gateway.do(die(launch))
        return shown()["state"] == "failed"

    assert gateway.ask("POST", "/boards/vision/start").status == 200
    eventually(failed, what="the board failed", every=0.05)
    assert "5 times in a row" in shown()["reason"]
    assert shown()["log"].splitlines()[-1] == "no luck today"
    assert (shown(who="vera")["state"], shown(who="vera")["log"]) == ("failed", "")
