"""The unmodified client of Gradient against a gateway: its command line and its SDK.

It finds the gateway by two environment variables, as somebody who moves over sets them.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import pytest
from running_gateway import RunningGateway, eventually, fetch

pytestmark = pytest.mark.slow
CLIENT = Path(sys.prefix) / "gradient"  # by tests/setup/gradient.sh
SDK = """
import json, sys
from gradient import TensorboardClient
from gradient.api_sdk.sdk_exceptions import GradientSdkError

def plain(value):
    return vars(value) if hasattr(value, "__dict__") else str(value)

client = TensorboardClient(**json.loads(sys.argv[1]))
for line in sys.stdin:
    name, arguments = json.loads(line)
    try:
        said = {"returned": getattr(client, name)(**arguments)}
    except GradientSdkError as error:
        said = {"raised": f"{type(error).__name__}: {error}"}
    print(json.dumps(said, default=plain), flush=True)
"""
ID = r"tb[0-9a-f]{10}"
SPINNER = re.compile("[\u2800-\u28ff]|$")


class GradientUser:
    """Somebody who has the client of Gradient and an API token."""

    def __init__(self, url: str, home: Path, token: str) -> None:
        self.home = home
        self._environment = {
            "PAPERSPACE_CONFIG_SERVICE_HOST": url,
            "PAPERSPACE_API_KEY": token,
        }

    @classmethod
    def of(cls, gateway: RunningGateway, home: Path, prefix: str = "") -> Self:
        """Return one who may do everything."""
        if not (CLIENT / "installed.lock").is_file():
            pytest.skip("the client of Gradient is not installed")
        words = ("token", "create", "gradient", "--member", "admin", "-o", "json")
        token = json.loads(gateway.cli(*words).stdout)["token"]
        return cls(gateway.url + prefix, home, token)

    def cli(self, *words: str) -> str:
        """Return the lines that `gradient tensorboards …` prints; it always ends with 0."""
        done = self._run([str(CLIENT / "bin" / "gradient"), "tensorboards", *words])
        assert done.returncode == 0, done.stderr
        printed = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", done.stdout + done.stderr)
        lines = [line for line in re.split(r"[\r\n]+", printed) if not SPINNER.match(line)]
        return "\n".join(lines)

    def sdk(self, *calls: tuple[str, Mapping[str, Any]], api_key: str | None = None) -> list[Any]:
        """Return what each call of the TensorboardClient returns or raises."""
        lines = "".join(json.dumps(call) + "\n" for call in calls)
        words = [str(CLIENT / "bin" / "python"), "-c", SDK, json.dumps({"api_key": api_key})]
        done = self._run(words, lines)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _run(self, words: list[str], stdin: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words,
            input=stdin,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **self._environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def user(gateway: RunningGateway, tmp_path: Path) -> GradientUser:
    """Return somebody with the token of an admin."""
    return GradientUser.of(gateway, tmp_path)


Known = Callable[[str], str]


@pytest.fixture
def id_of(gateway: RunningGateway) -> Known:
    """Return a function that tells an experiment's id."""

    def known(name: str) -> str:
        found = gateway.cli("experiment", "show", name, "-o", "json")
        identity: str = json.loads(found.stdout)["id"]
        return identity

    return known


def test_its_six_commands_work(gateway: RunningGateway, user: GradientUser, id_of: Known) -> None:
    first, second = id_of("first"), id_of("second")
    assert "No data found" in user.cli("list")

    made = user.cli("create", "--experiment", first, "--image", "tensorflow/tensorflow:2.0")
    (board,) = re.findall(rf"^Created new tensorboard with id: ({ID})$", made, re.MULTILINE)
    url = f"{gateway.url}/boards/tensorboard-{board.removeprefix('tb')}/"

    assert rows(user.cli("list")) == [["ID", "URL", "STATE"], [board, url, "Running"]]
    about = [["ID", board], ["Image", "tensorflow/tensorflow:2.0"], ["URL", url]]
    heads = ["Experiments ID", "State"]
    of_first, of_second = [first, "Adding"], [second, "Adding"]
    shown = rows(user.cli("details", "--id", board))
    assert shown == [*about, ["State", "Running"], heads, of_first]
    more = rows(user.cli("add-experiments", "--id", board, "--experiment", second))
    assert more[-3:] == [heads, of_first, of_second]

    gateway.cli("board", "start", board, "--wait")
    assert sorted(gateway.runs(url_name(url))) == ["first/train", "first/val", "second/train"]

    less = rows(user.cli("remove-experiments", "--id", board, "--experiment", first))
    assert less[-3:] == [heads, [first, "Deleting"], of_second]
    eventually(
        lambda: rows(user.cli("details", "--id", board))[-2:] == [heads, of_second],
        what="the first one is gone",
    )
    assert user.cli("delete", "--id", board) == f"Delete tensorboard ({board}) ended with success"
    assert "No data found" in user.cli("list")


def test_its_failures_are_printed_as_such(user: GradientUser, id_of: Known) -> None:
    first = id_of("first")
    made = user.cli("create", "--experiment", first)
    (board,) = re.findall(ID, made)

    wrong = ("--apiKey", "wrong-key")
    assert user.cli("list", *wrong) == "Failed to fetch data: Invalid credentials provided"
    for words, verb in (
        (("create", "--experiment", first), "create"),
        (("add-experiments", "--id", board, "--experiment", first), "update"),
        (("delete", "--id", board), "delete"),
    ):
        said = user.cli(*words, *wrong)
        assert said == f"Failed to {verb} resource: Invalid credentials provided"

    for words, beginning in (
        (("details", "--id", "tb0000000000"), "Failed to fetch data: There is no board"),
        (("delete", "--id", "tb0000000000"), "Failed to delete resource: There is no board"),
        (("create", "--experiment", "none"), "Failed to create resource: There is no experiment"),
        (
            ("add-experiments", "--id", board, "--experiment", "none"),
            "Failed to update resource: There is no experiment",
        ),
        (
            ("create", "--experiment", first, "--username", "ada"),
            "Failed to create resource: Access by password needs a user name and a password.",
        ),
    ):
        said = user.cli(*words)
        assert said.startswith(beginning), said
        assert len(said.splitlines()) == 1, said
    assert len(rows(user.cli("list"))) == 2


def test_every_call_of_its_sdk_works(
    gateway: RunningGateway, user: GradientUser, id_of: Known
) -> None:
    first, second = id_of("first"), id_of("second")
    asked = {
        "experiments": [first, first],
        "image": "an/image",
        "username": "ada",
        "password": "a-good-password",
        "instance_type": "gpu",
        "instance_size": "small",
        "instances_count": 2,
    }
    ((board,),) = [one.values() for one in user.sdk(("create", asked))]
    assert re.fullmatch(ID, board)

    got, listed, more, again, less, gone, none = user.sdk(
        ("get", {"id": board}),
        ("list", {}),
        ("add_experiments", {"id": board, "added_experiments": [second]}),
        ("add_experiments", {"id": board, "added_experiments": [second]}),
        ("remove_experiments", {"id": board, "removed_experiments": [first]}),
        ("delete", {"id": board}),
        ("list", {}),
    )
    url = f"{gateway.url}/boards/tensorboard-{board.removeprefix('tb')}/"
    shown = got["returned"]
    assert shown == {
        "id": board,
        "image": "an/image",
        "username": "ada",
        "password": None,
        "instance": {"type": "gpu", "size": "small", "count": 2},
        "experiments": [{"id": first, "project_id": "runs", "state": "Adding"}],
        "url": url,
        "state": "Running",
        "tags": [],
    }
    assert listed["returned"] == [shown]
    assert [one["id"] for one in more["returned"]["experiments"]] == [first, second]
    assert again == more
    assert less["returned"]["experiments"][-1]["id"] == second
    assert (gone, none) == ({"returned": None}, {"returned": []})


def test_a_board_with_a_password_is_opened_by_it(user: GradientUser) -> None:
    words = ("--experiment", "first", "--username", "ada", "--password", "a-good-password")
    (board,) = re.findall(ID, user.cli("create", *words))
    ((_, url, _),) = rows(user.cli("list"))[1:]
    assert board in user.cli("list")

    assert fetch(url).status == 401
    assert fetch(url, auth=("ada", "a-good-password")).status == 200


def test_what_its_sdk_raises(user: GradientUser, id_of: Known) -> None:
    first = id_of("first")
    errors = user.sdk(
        ("get", {"id": "tb0000000000"}),
        ("create", {"experiments": [first, "none"]}),
        ("create", {}),
        ("create", {"experiments": []}),
        ("add_experiments", {"id": "tb0000000000", "added_experiments": [first]}),
        ("remove_experiments", {"id": "tb0000000000", "removed_experiments": None}),
        ("delete", {"id": "tb0000000000"}),
    )
    raised = [one.get("raised", one) for one in errors]
    beginnings = [
        "Failed to fetch data: There is no board 'tb0000000000'.",
        "Failed to create resource: There is no experiment 'none'",
        "Failed to create resource: The field 'experiments' is missing.",
        "Failed to create resource: The field 'experiments' is missing.",
        "Failed to update resource: There is no board 'tb0000000000'.",
        "Failed to update resource: The field 'removed_experiments' is not valid",
        "Failed to delete resource: There is no board 'tb0000000000'.",
    ]
    for said, beginning in zip(raised, beginnings, strict=True):
        assert said.startswith(f"ResourceFetchingError: {beginning}"), said
    (wrong,) = user.sdk(("list", {}), api_key="wrong")
    refusal = "ResourceFetchingError: Failed to fetch data: Invalid credentials provided"
    assert wrong == {"raised": refusal}


def test_a_password_that_it_finds_for_the_host_does_not_count(
    user: GradientUser, id_of: Known
) -> None:
    netrc = user.home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login nobody password of-old\n")
    netrc.chmod(0o600)
    assert "No data found" in user.cli("list")
    assert re.search(ID, user.cli("create", "--experiment", id_of("first")))


def test_it_finds_a_gateway_below_a_path(
    start_gateway: Callable[..., RunningGateway], runs: Path, tmp_path: Path
) -> None:
    public = {"TBGATEWAY_SERVER__PUBLIC_URL": "https://127.0.0.1/team/tb"}
    gateway = start_gateway(runs, environment=public)
    user = GradientUser.of(gateway, tmp_path, "/team/tb/")
    (board,) = re.findall(ID, user.cli("create", "--experiment", "first"))
    ((_, url, _),) = rows(user.cli("list"))[1:]
    assert url == f"https://127.0.0.1/team/tb/boards/tensorboard-{board.removeprefix('tb')}/"
    assert "ended with success" in user.cli("delete", "--id", board)


def rows(printed: str) -> list[list[str]]:
    """Return the cells of the tables that were printed."""
    lines = [line for line in printed.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def url_name(url: str) -> str:
    """Return the name of the board at a URL."""
    return url.rstrip("/").rpartition("/")[2]
