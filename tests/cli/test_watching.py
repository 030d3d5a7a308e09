import json
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
from event_writer import write_scalars
from running_api import RunningApi
from started_command import on_terminal, started


def names(document: list[dict[str, str]]) -> list[str]:
    return [one["name"] for one in document]


def test_a_list_of_boards_is_told_anew_with_every_change(gateway: RunningApi) -> None:
    gateway.client.boards.create("vision")
    with started("board", "list", "--watch") as watching:
        assert names(watching.document()) == ["vision"]
        gateway.client.boards.create("audio")
        watching.documents_until(lambda boards: names(boards) == ["audio", "vision"])
        gateway.client.boards.rename("vision", "zoo")
        watching.documents_until(lambda boards: names(boards) == ["audio", "zoo"])
        gateway.client.boards.delete("audio")
        watching.documents_until(lambda boards: names(boards) == ["zoo"])
        assert watching.interrupted() == (130, "")


def test_a_board_is_watched_until_it_is_deleted_whatever_its_name(gateway: RunningApi) -> None:
    boards = gateway.client.boards
    boards.create("vision")
    with started("board", "show", "vision", "--watch", "-o", "json") as watching:
        assert watching.document()["experiments"] == []
        boards.rename("vision", "eyes")
        boards.add("eyes", ["first"])
        grown = watching.documents_until(lambda board: board["experiments"])
        assert (grown["name"], names(grown["experiments"])) == ("eyes", ["first"])
        boards.delete("eyes")
        code, said = watching.ended()
    assert code == 3
    assert json.loads(said)["detail"] == "The board 'eyes' is not there any more."


def test_experiments_come_into_a_watched_list_and_drop_out_of_it(gateway: RunningApi) -> None:
    with started("experiment", "list", "FIR", "--state", "completed", "--watch") as watching:
        assert watching.document() == []
        gateway.client.experiments.complete("second")
        gateway.client.experiments.complete("first")
        assert names(watching.document()) == ["first"]  # of the second nothing is said
        gateway.client.experiments.fail("first")
        watching.documents_until(lambda experiments: not experiments)


def test_a_description_lets_experiments_into_a_watched_list(gateway: RunningApi) -> None:
    said = gateway.client.experiments
    conditions = ("--tag", "good", "--param", "lr<1e-3")
    with started("experiment", "list", *conditions, "--watch") as watching:
        assert watching.document() == []
        said.describe("first", params={"lr": 0.1}, add_tags=["good"])
        said.describe("second", params={"lr": 1e-4}, add_tags=["good"])
        (told,) = watching.documents_until(lambda experiments: experiments)
        assert (told["name"], told["params"], told["tags"]) == ("second", {"lr": 1e-4}, ["good"])
        said.describe("second", remove_tags=["good"])
        watching.documents_until(lambda experiments: not experiments)


def test_an_experiment_is_watched_until_it_is_forgotten(gateway: RunningApi, runs: Path) -> None:
    path = runs / "first" / "part"
    write_scalars(path, {"loss": [1.0]})
    gateway.client.experiments.register(str(path), name="part")
    with started("experiment", "show", "part", "--watch") as watching:
        assert watching.document()["state"] == "running"
        gateway.client.experiments.complete("first")
        gateway.client.experiments.fail("part", reason="NaN")
        assert watching.document()["reason"] == "NaN"
        gateway.client.experiments.delete("part")
        code, said = watching.ended()
    assert (code, said.splitlines()[0]) == (
        3,
        "error: The experiment 'part' is not there any more.",
    )


@pytest.mark.parametrize("noun", ["board", "experiment"])
def test_what_is_not_there_cannot_be_watched(gateway: RunningApi, noun: str) -> None:
    del gateway
    with started(noun, "show", "none", "--watch") as watching:
        code, said = watching.ended()
    assert code == 3
    assert said.startswith("error: ")


def test_a_watch_outlives_its_gateway(
    tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        with RunningApi(tmp_path / "gw", runs) as first:
            monkeypatch.setenv("TBGATEWAY_SOCKET", str(first.control))
            first.client.boards.create("vision")
            watching = stack.enter_context(started("board", "list", "--watch"))
            watching.document()
        with RunningApi(tmp_path / "gw", runs) as second:
            second.client.boards.create("audio")
            watching.documents_until(lambda boards: names(boards) == ["audio", "vision"])
            code, said = watching.interrupted()
    assert code == 130
    assert set(said.splitlines()) <= {said.partition("\n")[0]}  # told once, if at all


def test_on_a_screen_one_picture_takes_the_place_of_the_other(gateway: RunningApi) -> None:
    gateway.client.boards.create("vision")
    with on_terminal("board", "show", "vision", "--watch") as watching:
        watching.until("tbgateway board add vision")
        gateway.client.boards.add("vision", ["first"])
        assert "\x1b[2K" in watching.until("VISIBLE")
        watching.until("first")
        code, rest = watching.ended_by(signal.SIGINT)
    assert code == 130
    assert "\x1b[?25h" in rest
    assert "Traceback" not in rest


def test_a_terminated_view_gives_the_cursor_back(gateway: RunningApi) -> None:
    gateway.client.boards.create("vision")
    with on_terminal("board", "list", "--watch") as watching:
        watching.until("vision")
        code, rest = watching.ended_by(signal.SIGTERM)
    assert code == 143
    assert "\x1b[?25h" in rest


def test_a_screen_without_a_moving_cursor_gets_one_picture_below_the_other(
    gateway: RunningApi,
) -> None:
    gateway.client.boards.create("vision")
    with on_terminal("board", "list", "--watch", TERM="dumb") as watching:
        first = watching.until("vision")
        gateway.client.boards.create("audio")
        second = watching.until("audio")
    assert "\x1b" not in first + second


def test_a_picture_without_colours_has_none(gateway: RunningApi) -> None:
    gateway.client.boards.create("vision")
    with on_terminal("board", "list", "--watch", NO_COLOR="1") as watching:
        shown = watching.until("vision")
    assert "\x1b[1m" not in shown


def test_a_reader_that_went_away_ends_a_watch_quietly(gateway: RunningApi) -> None:
    with started("board", "list", "--watch") as watching:
        watching.document()
        assert watching.process.stdout is not None
        watching.process.stdout.close()
        gateway.client.boards.create("vision")
        assert watching.process.stderr is not None
        assert watching.process.stderr.read() == ""
        assert watching.process.wait() == 141
