"""What Gradient's client may send, over HTTP: each path with and without a slash at its end."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from house import ADA, House, opened
from running_api import MakeExperiment, RunningApi
from running_gateway import Answer, fetch

from tbgateway.boards import Entry, Wish
from tbgateway.controlplane.gradient.answering import MEMBERSHIP_STATES, STATES, tensorboard
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import (
    Experiment,
    GradientRequest,
    Membership,
    MembershipState,
    Role,
)
from tbgateway.domain.names import ExperimentId
from tbgateway.routes import Door, Exchange

Ask = Callable[..., Answer]


@pytest.fixture
def ask(gateway: RunningApi) -> Ask:
    """Return a function that asks as Gradient's client does: with a key, JSON and no Accept."""
    key = gateway.token_of("admin")

    def asking(method: str, path: str, body: Any = None, *, key: str = key) -> Answer:
        sent = {"X-API-Key": key, "ps_client_name": "gradient-cli", "Accept": "*/*"}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        url = f"{gateway.url}/tensorboards/v1{path}"
        return fetch(url, method=method, body=data, headers=sent)

    return asking


@pytest.fixture(params=["", "/"], ids=["without a slash", "with a slash"])
def slash(request: pytest.FixtureRequest) -> str:
    end: str = request.param
    return end


def made(ask: Ask, *experiments: str, **more: Any) -> dict[str, Any]:
    answer = ask("POST", "/", {"experiments": experiments or ("first",), **more})
    assert answer.status == 200, answer
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_a_board_is_made_shown_changed_and_deleted(
    gateway: RunningApi, ask: Ask, slash: str
) -> None:
    answer = ask("POST", slash, {"experiments": ["first"]})
    assert answer.status == 200
    first = gateway.client.experiments.show("first").id
    board = answer.json()["data"]
    assert re.fullmatch("tb[0-9a-f]{10}", board["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", board["dt_created"])
    name = f"tensorboard-{board['id'].removeprefix('tb')}"
    assert board == {
        "id": board["id"],
        "name": name,
        "url": f"{gateway.url}/boards/{name}/",
        "state": "Running",
        "image": "",
        "instance": None,
        "username": None,
        "experiments": [{"id": first, "project_id": "runs", "state": "Adding"}],
        "dt_created": board["dt_created"],
        "dt_deleted": None,
        "cluster_id": None,
    }

    success = {"message": "success"}
    assert ask("GET", slash).json() == success | {"data": [board]}
    assert ask("GET", f"/{board['id']}{slash}").json() == success | {"data": board}
    changes = {"added_experiments": ["second"], "removed_experiments": [first]}
    changed = ask("PUT", f"/{board['id']}{slash}", changes).json()
    assert [one["state"] for one in changed["data"]["experiments"]] == ["Deleting", "Adding"]
    assert ask("DELETE", f"/{board['id']}{slash}").json() == success
    assert ask("GET", slash).json() == success | {"data": []}


def test_experiments_are_named_as_everywhere_else(
    ask: Ask, gateway: RunningApi, make_experiment: MakeExperiment
) -> None:
    path = make_experiment("third")
    identity = gateway.client.experiments.show("second").id
    board = made(ask, "runs:first", identity, str(path), "first")
    names = [gateway.client.experiments.show(one["id"]).name for one in board["experiments"]]
    assert sorted(names) == ["first", "second", "third"]


def test_a_board_is_named_by_its_name_too(ask: Ask) -> None:
    board = made(ask)
    assert ask("GET", f"/{board['name']}").json()["data"] == board


def test_what_gradient_asks_for_is_kept_with_the_board_and_goes_with_it(
    gateway: RunningApi, ask: Ask
) -> None:
    wanted = {"type": "gpu", "size": "small", "count": 2}
    board = made(ask, image="an/image:1", instance=wanted)
    assert (board["image"], board["instance"]) == ("an/image:1", wanted)
    assert ask("GET", f"/{board['id']}").json()["data"] == board
    assert gateway.house.store.gradient_requests == {
        board["id"]: GradientRequest(
            board_id=board["id"], image="an/image:1", instance=json.dumps(wanted)
        )
    }
    part = made(ask, instance={"type": "cpu"})
    assert part["instance"] == {"type": "cpu"}
    for one in (board, part):
        ask("DELETE", f"/{one['id']}")
    assert gateway.house.store.gradient_requests == {}


def test_a_name_and_a_password_make_a_board_that_is_opened_by_them(
    gateway: RunningApi, ask: Ask
) -> None:
    board = made(ask, username="ada", password="a-good-password")
    assert board["username"] == "ada"
    assert "password" not in board
    assert gateway.client.boards.show(board["id"]).access == "password"
    assert gateway.client.boards.show(made(ask)["id"]).access == "members"


def test_boards_that_were_made_otherwise_are_there_as_well(gateway: RunningApi, ask: Ask) -> None:
    board = gateway.client.boards.create("vision", ["first"])
    (listed,) = ask("GET", "/").json()["data"]
    assert (listed["id"], listed["name"], listed["image"]) == (board.id, "vision", "")
    changed = ask("PUT", f"/{board.id}", {"added_experiments": ["second"]})
    assert len(changed.json()["data"]["experiments"]) == 2


def test_the_same_again_is_the_same(ask: Ask) -> None:
    board = made(ask, "first", "first")
    assert len(board["experiments"]) == 1
    assert ask("PUT", f"/{board['id']}", {"added_experiments": ["first"]}).json()["data"] == board
    assert ask("PUT", f"/{board['id']}", {}).json()["data"] == board
    for _ in range(2):
        removed = ask("PUT", f"/{board['id']}", {"removed_experiments": ["first"]})
        assert removed.status == 200


def test_an_experiment_is_added_when_it_has_finished(gateway: RunningApi, ask: Ask) -> None:
    board = made(ask)
    gateway.client.experiments.complete("first")
    assert ask("GET", f"/{board['id']}").json()["data"]["experiments"][0]["state"] == "Added"


def test_a_board_that_was_stopped_or_failed_says_so(gateway: RunningApi, ask: Ask) -> None:
    board = made(ask)
    gateway.client.boards.stop(board["id"])
    assert ask("GET", f"/{board['id']}").json()["data"]["state"] == "Stopped"


def test_every_state_has_a_word() -> None:
    assert set(STATES) == set(BoardState)
    assert set(MEMBERSHIP_STATES) == set(MembershipState)


# --- what is refused, in words that Gradient's client prints


def printed(answer: Answer) -> list[str]:
    """Return what the client shows of an error: see its MessageExtractor."""
    keys = ("error", "errors", "message", "messages", "title", "description", "details")
    return [answer.json()[key] for key in keys if key in answer.json()]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/tb0000000000/", None, 404, "There is no board 'tb0000000000'."),
        ("PUT", "/tb0000000000", {}, 404, "There is no board 'tb0000000000'."),
        ("DELETE", "/tb0000000000", None, 404, "There is no board 'tb0000000000'."),
        ("POST", "/", {"experiments": ["none"]}, 404, "There is no experiment 'none'"),
        ("POST", "/", {"experiments": ["/etc"]}, 422, "'/etc'"),
        ("POST", "/", {"experiments": []}, 422, "A tensorboard needs at least one experiment."),
        ("POST", "/", {}, 422, "The field 'experiments' is missing."),
        ("POST", "/", None, 422, "The field 'experiments' is missing."),
        ("POST", "/", b"{nonsense", 400, "The body is not valid JSON"),
        ("POST", "/", b'{"experiments": ["first"], "experiments": []}', 422, "at least one"),
        ("POST", "/", b'{"experiments": [], "experiments": ["first"]}', 400, "given twice"),
        ("POST", "/", [], 422, "The input is not valid"),
        ("POST", "/", {"experiments": "first"}, 422, "The field 'experiments' is not valid"),
        ("POST", "/", {"experiments": [1]}, 422, "The field 'experiments.0' is not valid"),
        ("POST", "/", {"experiments": [""]}, 422, "The field 'experiments.0' is not valid"),
        ("POST", "/", {"experiments": ["first"], "image": 1}, 422, "'image' is not valid"),
        ("POST", "/", {"experiments": ["first"], "image": "\x1b[2J"}, 422, "'image' is not valid"),
        ("POST", "/", {"experiments": ["first"], "tags": []}, 422, "no field 'tags'"),
        (
            *("POST", "/", {"experiments": ["first"], "instance": {"count": -1}}),
            *(422, "'instance.count' is not valid"),
        ),
        (
            *("POST", "/", {"experiments": ["first"], "username": "ada"}),
            *(422, "needs a user name and a password. Give both."),
        ),
        (
            *("POST", "/", {"experiments": ["first"], "password": "a-good-password"}),
            *(422, "needs a user name and a password. Give both."),
        ),
        (
            *("POST", "/", {"experiments": ["first"], "username": "ada", "password": "short"}),
            *(422, "password"),
        ),
        ("GET", "/?limit=1", None, 422, "There is no field 'limit' here."),
        ("PATCH", "/", {}, 405, "PATCH cannot be used here."),
        ("DELETE", "/", None, 405, "DELETE cannot be used here."),
        ("GET", "/one/two", None, 404, "There is no such page."),
        ("GET", "//", None, 400, "it holds an empty segment"),
        ("GET", "/%ff", None, 400, "not UTF-8"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_made(
    gateway: RunningApi, ask: Ask, method: str, path: str, body: Any, status: int, words: str
) -> None:
    answer = ask(method, path, body)
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    (said,) = printed(answer)
    assert words in said
    assert answer.json()["code"]
    assert gateway.client.boards.list() == ()
    assert gateway.house.store.gradient_requests == {}


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"added_experiments": ["none"]}, 404, "There is no experiment 'none'"),
        ({"removed_experiments": ["second", "none"]}, 404, "There is no experiment 'none'"),
        ({"added_experiments": None}, 422, "The field 'added_experiments' is not valid"),
        (
            {"added_experiments": ["second"], "removed_experiments": ["second"]},
            *(422, "'second' is to be added and removed."),
        ),
    ],
)
def test_a_change_is_made_as_a_whole_or_not_at_all(
    ask: Ask, changes: dict[str, Any], status: int, words: str
) -> None:
    board = made(ask, "first", "second")
    answer = ask("PUT", f"/{board['id']}", {"added_experiments": ["first"], **changes})
    assert answer.status == status
    assert words in printed(answer)[0]
    assert ask("GET", f"/{board['id']}").json()["data"] == board


def test_the_password_is_in_no_refusal(ask: Ask) -> None:
    body = {"experiments": ["first"], "username": "ada", "password": ["a-good-password"]}
    assert b"a-good-password" not in ask("POST", "/", body).body


# --- who may


@pytest.mark.parametrize("key", ["", "wrong", "tbg_0_0", "k\u00e4y", "Bearer x"])
def test_a_wrong_key_is_refused_in_gradients_words(ask: Ask, key: str) -> None:
    answer = ask("GET", "/", key=key)
    assert answer.status == 401
    assert printed(answer) == ["Invalid credentials provided"]


async def test_others_get_their_turns_while_a_large_board_is_told(tmp_path: Path) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with opened(tmp_path, House) as house:
        await house.find("run")
        wish = Wish('"experiments":[]', {})
        board = await house.boards.create(ADA, "large", ["run"], Entry(), wish=wish)
        many = [
            Experiment(
                id=ExperimentId(f"ex{number:010}"),
                root="runs",
                name=f"run-{number}",
                path=str(house.home / "runs" / f"run-{number}"),
                created_at=0.0,
            )
            for number in range(1200)
        ]
        joined = (Membership(board_id=board.id, experiment_id=one.id, added_at=0.0) for one in many)
        async with house.store.transaction() as tx:
            tx.put(*many, *joined)
        exchange = Exchange(
            request=make_mocked_request("GET", "/"), door=Door.PUBLIC, request_id="r", started=0.0
        )
        others = asyncio.ensure_future(take_turns())
        told = json.loads(await tensorboard(house.boards, LoopShare(0.0), exchange, board))
        others.cancel()
        first = house.experiments.find("run").id

    assert [one["id"] for one in told["experiments"]] == [*(one.id for one in many), first]
    assert told["image"] == '"experiments":[]'
    assert turns >= 4


def test_a_viewer_looks_and_an_editor_changes_boards_of_their_own(
    gateway: RunningApi, ask: Ask
) -> None:
    gateway.add_member("vera", Role.VIEWER)
    gateway.add_member("olga", Role.EDITOR)
    viewer, editor = gateway.token_of("vera"), gateway.token_of("olga")
    board = made(ask)
    for key in (viewer, editor):
        assert ask("GET", "/", key=key).json()["data"] == [board]
        assert ask("GET", f"/{board['id']}", key=key).status == 200
        assert ask("PUT", f"/{board['id']}", {}, key=key).status == 403
        assert ask("DELETE", f"/{board['id']}", key=key).status == 403
    create = ("POST", "/", {"experiments": ["first"]})
    assert printed(ask(*create, key=viewer))[0].startswith("This takes the role 'editor'.")
    own = ask(*create, key=editor).json()["data"]
    assert gateway.client.boards.show(own["id"]).owner == "olga"
    assert ask("DELETE", f"/{own['id']}", key=editor).status == 200


def test_a_board_that_must_not_be_seen_is_not_there(gateway: RunningApi, ask: Ask) -> None:
    gateway.add_member("vera", Role.VIEWER)
    board = made(ask, username="ada", password="a-good-password")
    viewer = gateway.token_of("vera")
    assert ask("GET", "/", key=viewer).json()["data"] == []
    assert ask("GET", f"/{board['id']}", key=viewer).status == 404


def test_a_token_by_authorization_and_a_password_do_as_well(gateway: RunningApi) -> None:
    url = f"{gateway.url}/tensorboards/v1/"
    token = gateway.token_of("admin")
    assert fetch(url, headers={"Authorization": f"Bearer {token}"}).status == 200
    assert fetch(url, auth=("admin", "correct-horse-battery")).status == 200
    assert fetch(url).status == 401
