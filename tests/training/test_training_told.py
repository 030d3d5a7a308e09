"""What a real gateway hears of a training, on good and on bad ways."""

import json
import logging
import multiprocessing
import os
import signal
import threading
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from faulty_way import FaultyWay
from running_api import RunningApi
from running_gateway import eventually

import tbgateway
from tbgateway.client import Experiment
from tbgateway.client.saved_context import SavedContext, save_context
from tbgateway.domain.model import Role
from tbgateway.training.place import Place, Places, Root
from tbgateway.training.signals import Terminated
from tbgateway.training.story import Story
from tbgateway.training.training import Training

pytestmark = pytest.mark.usefixtures("own_home")


def token_of(api: RunningApi, own_home: Path, role: Role) -> Path:
    api.add_member(role.value, role)
    file = own_home / f"token-{role.value}"
    file.write_text(api.token_of(role.value))
    return file


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def begin(api: RunningApi, name: str = "resnet", **options: Any) -> Training:
    return tbgateway.experiment(name, url=f"unix:{api.control}", **options)


def known(api: RunningApi) -> dict[str, Experiment]:
    return {one.name: one for one in api.client.experiments.list()}


def on_board(api: RunningApi, board: str) -> set[str]:
    return {one.name for one in api.client.boards.show(board).experiments}


def test_a_training_begins_and_ends_where_the_gateway_sees_it(
    api: RunningApi,
    root: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with begin(
        api, boards=["vision"], params={"lr": 0.1}, tags=["baseline"], notes="# First"
    ) as exp:
        assert exp.logdir == str(root / "resnet")
        assert (exp.name, exp.shared) == ("resnet", True)
        found = api.client.experiments.show("resnet")
        assert (found.id, found.state, found.lease) == (exp.id, "running", 60.0)
        assert (found.params, found.tags, found.notes) == ({"lr": 0.1}, ("baseline",), "# First")
        board = api.client.boards.show("vision")
        assert (board.access, board.url) == ("members", exp.url)
        assert [one.state for one in board.experiments] == ["adding"]
    found = api.client.experiments.show("resnet")
    assert (found.state, found.lease) == ("completed", None)
    assert [one.name for one in (root / "resnet").iterdir()] == ["tbgateway.json"]
    assert capsys.readouterr().err == f"tbgateway: new board vision: {exp.url}\n"
    assert not warnings(caplog)


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (ValueError("the loss\nis NaN"), "failed", "ValueError: the loss is NaN"),
        (KeyboardInterrupt(), "stopped", "KeyboardInterrupt"),
        (SystemExit(3), "failed", "exit status 3"),
    ],
)
def test_how_it_ended_is_told(
    api: RunningApi, error: BaseException, state: str, reason: str
) -> None:
    with pytest.raises(type(error)), begin(api):
        raise error
    found = api.client.experiments.show("resnet")
    assert (found.state, found.reason) == (state, reason)


def test_what_is_said_later_is_told_soon(api: RunningApi) -> None:
    with begin(api, params={"lr": 0.1}, tags=["a"]) as exp:
        exp.describe(params={"epochs": 3}, tags="b")
        exp.describe(params={"lr": 0.2}, notes="better")
        eventually(lambda: known(api)["resnet"].notes == "better", what="told")
        found = known(api)["resnet"]
        assert (found.params, found.tags) == ({"lr": 0.2, "epochs": 3}, ("a", "b"))


def test_boards_that_are_there_are_used_and_none_is_made_unasked(
    api: RunningApi, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    vision = api.client.boards.create("vision", access="public")
    with begin(api, boards=["nowhere", vision.id, "vision"], create_boards=False) as exp:
        assert exp.url == vision.url
        assert on_board(api, "vision") == {"resnet"}
    assert [one.name for one in api.client.boards.list()] == ["vision"]
    (warning,) = warnings(caplog)
    assert "It is not on the board 'nowhere'" in warning
    assert capsys.readouterr().err == ""


def test_a_board_that_one_may_not_change_is_told_and_the_others_are_tried(
    api: RunningApi, token: Path, caplog: pytest.LogCaptureFixture
) -> None:
    api.client.boards.create("locked", access="password", username="ada", password="correct-horse")
    with tbgateway.experiment(
        "resnet", boards=["locked", "vision"], url=api.url, token_file=token
    ) as exp:
        assert exp.id is not None
        assert on_board(api, "vision") == {"resnet"}
    (warning,) = warnings(caplog)
    assert "'locked'" in warning
    assert known(api)["resnet"].state == "completed"


def test_who_may_not_register_trains_all_the_same(
    api: RunningApi, own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = token_of(api, own_home, Role.VIEWER)
    with tbgateway.experiment("resnet", boards=["a"], url=api.url, token_file=token) as exp:
        assert exp.logdir == str(Path("runs/resnet").absolute())
    assert len(warnings(caplog)) == 1
    assert known(api) == {}


def test_a_gateway_elsewhere_is_told_of_clearly(
    api: RunningApi, tmp_path: Path, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    moved = tmp_path / "moved"
    root.rename(moved)  # as if it were on another machine
    with begin(api, boards=["vision"], tags=["a"]) as exp:
        assert exp.logdir == str(Path("runs/resnet").absolute())
        assert exp.shared is False
    (warning,) = warnings(caplog)
    assert f"which go to {exp.logdir}" in warning
    assert "mount its logdir here at the same path" in warning
    assert json.loads((Path(exp.logdir) / "tbgateway.json").read_text())["state"] == "completed"
    assert not (Path.home() / ".local").exists()
    moved.rename(root)


def test_a_file_system_that_hangs_is_not_waited_for(
    api: RunningApi, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hanging = threading.Event()

    def hang(places: Places, _root: Root) -> Place:
        hanging.wait(60)
        return places.local()

    monkeypatch.setattr("tbgateway.training.telling._START_PATIENCE", 3.0)
    monkeypatch.setattr(Places, "find", hang)
    with begin(api, boards=["vision"]) as exp:
        assert exp.logdir == str(Path("runs/resnet").absolute())
        assert not hanging.is_set()
    hanging.set()
    (warning,) = warnings(caplog)
    assert "does not answer" in warning


def test_a_root_of_the_same_path_on_another_disk_is_noticed(
    api: RunningApi, root: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.training.nonce.NONCE_NAME", "seen-by-nobody")
    with begin(api, boards=["vision"]) as exp:
        assert exp.logdir == str(Path("runs/resnet").absolute())
        assert exp.shared is False
    assert len(warnings(caplog)) == 1
    assert list(root.iterdir()) == []
    assert known(api) == {}
    assert not (Path.home() / ".cache").exists()


def test_a_directory_of_the_scripts_own_is_registered_where_it_is(
    api: RunningApi, root: Path
) -> None:
    with begin(api, "renamed", logdir=root / "mine") as exp:
        assert exp.shared is True
        assert known(api)["renamed"].path == str(root / "mine") == exp.logdir


def test_a_directory_outside_is_used_and_told(
    api: RunningApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with begin(api, logdir=tmp_path / "outside") as exp:
        assert exp.logdir == str(tmp_path / "outside")
        assert exp.shared is False
    (warning,) = warnings(caplog)
    assert "lies outside of the logdir roots" in warning


def test_resuming_keeps_the_name_that_people_gave(api: RunningApi) -> None:
    with begin(api, tags=["first"]) as first:
        pass
    api.client.experiments.register(first.logdir, name="the good one")
    with begin(api, resume=True) as again:
        assert (again.id, again.name) == (first.id, "the good one")
        assert known(api)["the good one"].state == "running"
    assert known(api)["the good one"].state == "completed"


def test_a_name_that_is_taken_elsewhere_gets_a_number(api: RunningApi, root: Path) -> None:
    (root / "other").mkdir()
    api.client.experiments.register(str(root / "other"), name="resnet", running=True)
    with begin(api) as exp:
        assert exp.name == "resnet-2"
        assert exp.logdir == str(root / "resnet")


def test_slashes_stay_in_the_name(api: RunningApi, root: Path) -> None:
    with begin(api, "vision/resnet") as exp:
        assert exp.logdir == str(root / "vision-resnet")
        assert known(api)["vision/resnet"].id == exp.id


def test_processes_at_the_same_moment_get_directories_of_their_own(
    api: RunningApi, root: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_train, args=(f"unix:{api.control}",)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {one.name for one in root.iterdir()} == {"resnet", "resnet-2"}
    assert {one.state for one in known(api).values()} == {"completed"}
    assert set(known(api)) == {"resnet", "resnet-2"}


def _train(url: str) -> None:
    with tbgateway.experiment("resnet", url=url):
        pass


def test_threads_and_nested_ones_are_all_told(api: RunningApi) -> None:
    def train() -> None:
        with begin(api, "thread", boards=["all"]):
            pass

    with begin(api, "outer", boards=["all"]), begin(api, "inner", boards=["all"]):
        threads = [threading.Thread(target=train) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    names = {"outer", "inner", "thread", "thread-2", "thread-3", "thread-4"}
    assert {name for name, one in known(api).items() if one.state == "completed"} == names
    assert on_board(api, "all") == names


@pytest.mark.parametrize(
    "lost", ["POST /api/v1/experiments HTTP", "POST /api/v1/boards HTTP", "/boards/vision/"]
)
def test_an_answer_that_is_lost_does_nothing_twice(
    way: FaultyWay, api: RunningApi, token: Path, root: Path, lost: str
) -> None:
    way.losing.append(lost)
    with tbgateway.experiment("resnet", boards=["vision"], url=way.url, token_file=token) as exp:
        eventually(lambda: exp.url, what="on its board")
        assert len(way.lost) == 1
        assert [one.name for one in known(api).values()] == ["resnet"] == [exp.name]
    assert known(api)["resnet"].state == "completed"
    assert on_board(api, "vision") == {"resnet"}
    assert [one.name for one in root.iterdir()] == ["resnet"]


@pytest.mark.parametrize("verb", ["complete", "fail", "stop"])
def test_an_end_whose_answer_is_lost_stays_the_same_end(
    way: FaultyWay, api: RunningApi, token: Path, verb: str
) -> None:
    errors = {"complete": None, "fail": ValueError("no"), "stop": KeyboardInterrupt()}
    states = {"complete": "completed", "fail": "failed", "stop": "stopped"}
    exp = tbgateway.experiment("resnet", url=way.url, token_file=token).start()
    way.losing.append(verb)
    exp.finish(errors[verb])
    assert len(way.lost) == 1
    assert known(api)["resnet"].state == states[verb]


def test_a_gateway_that_comes_back_hears_everything(
    way: FaultyWay, api: RunningApi, token: Path, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remember(way, token)
    way.is_cut = True
    with tbgateway.experiment("resnet", boards=["vision"], url=way.url, token_file=token) as exp:
        assert exp.logdir == str(root / "resnet")  # where it was the last time
        assert exp.shared is None
        exp.describe(params={"lr": 0.1})
        way.is_cut = False
        eventually(lambda: exp.url, what="told")
        assert exp.shared is True
        assert known(api)["resnet"].params == {"lr": 0.1}
    assert known(api)["resnet"].state == "completed"
    assert len(warnings(caplog)) == 1


def remember(way: FaultyWay, token: Path) -> None:
    with tbgateway.experiment("earlier", url=way.url, token_file=token) as earlier:
        assert earlier.shared is True


def test_what_one_script_could_not_tell_the_next_one_does(
    way: FaultyWay, api: RunningApi, token: Path, root: Path
) -> None:
    remember(way, token)
    way.is_cut = True
    with tbgateway.experiment("first", boards=["vision"], url=way.url, token_file=token) as first:
        (Path(first.logdir) / "events.out.tfevents.1.host").write_bytes(b"x")
    way.is_cut = False
    with tbgateway.experiment("second", boards=["vision"], url=way.url, token_file=token):
        eventually(lambda: on_board(api, "vision") == {"first", "second"}, what="both are on it")
        spool = Path.home() / ".local/state/tbgateway/spool"
        eventually(lambda: not list(spool.iterdir()), what="nothing is left")
    assert sorted(one.name for one in root.iterdir()) == ["earlier", "first", "second"]
    eventually(lambda: known(api)["first"].state == "completed", what="its own word counts")


def test_a_gateway_that_is_away_for_a_moment_hears_the_end(
    way: FaultyWay, api: RunningApi, token: Path
) -> None:
    exp = tbgateway.experiment("resnet", url=way.url, token_file=token).start()
    way.is_cut = True

    def mend() -> None:
        eventually(lambda: way.was_cut >= 2, what="tried twice")
        way.is_cut = False

    mending = threading.Thread(target=mend)
    mending.start()
    exp.finish()
    mending.join()
    assert known(api)["resnet"].state == "completed"


def test_a_new_login_counts_for_what_runs(api: RunningApi, root: Path, own_home: Path) -> None:
    token = token_of(api, own_home, Role.EDITOR).read_text()
    context = own_home / ".config" / "tbgateway" / "context.json"
    save_context(context, SavedContext(api.url, "tbg_stale"))
    with tbgateway.experiment("resnet", logdir=root / "resnet", lease=10) as exp:
        assert exp.id is None
        save_context(context, SavedContext(api.url, token))
        eventually(lambda: exp.id, what="told")


def test_a_token_may_come_from_a_pipe(api: RunningApi, own_home: Path) -> None:
    token = token_of(api, own_home, Role.EDITOR).read_text()
    read, write = os.pipe()
    os.write(write, token.encode())
    os.close(write)
    with tbgateway.experiment("resnet", url=api.url, token_file=f"/dev/fd/{read}") as exp:
        assert exp.shared is True
    os.close(read)


def test_an_experiment_that_was_forgotten_is_registered_again(api: RunningApi) -> None:
    with begin(api, boards=["vision"], params={"lr": 0.1}) as exp:
        first = exp.id
        api.client.boards.remove("vision", [str(first)])
        eventually(lambda: _is_forgotten(api, str(first)), what="forgotten")
        exp.describe(tags=["later"])
        eventually(lambda: exp.id not in {None, first}, what="registered again")
        eventually(lambda: known(api)["resnet"].tags == ("later",), what="described")
        assert known(api)["resnet"].params == {"lr": 0.1}
    assert known(api)["resnet"].state == "completed"


def _is_forgotten(api: RunningApi, experiment: str) -> bool:
    try:
        api.client.experiments.delete(experiment)
    except tbgateway.errors.ConflictError:
        return False
    return True


def test_heartbeats_come_three_times_in_a_lease(
    way: FaultyWay, api: RunningApi, token: Path
) -> None:
    began = time.monotonic()
    with tbgateway.experiment("resnet", url=way.url, token_file=token, lease=10):
        eventually(lambda: sum("heartbeat" in one for one in way.asked) >= 4, what="heartbeats")
        assert time.monotonic() - began < 20  # within one lease, but for a busy machine
        assert known(api)["resnet"].state == "running"
        assert isinstance(known(api)["resnet"].created_at, datetime)


@pytest.mark.slow
def test_a_lease_that_was_lost_on_a_bad_way_is_taken_up_again(
    way: FaultyWay, api: RunningApi, token: Path
) -> None:
    with tbgateway.experiment("resnet", url=way.url, token_file=token, lease=10):
        way.is_cut = True
        eventually(lambda: known(api)["resnet"].reason == "heartbeat lost", what="lost")
        assert known(api)["resnet"].state == "stopped"
        way.is_cut = False
        eventually(lambda: known(api)["resnet"].state == "running", what="taken up again")
    assert known(api)["resnet"].state == "completed"


def test_trouble_that_ends_and_comes_again_is_told_once(
    way: FaultyWay, token: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tbgateway")
    with ExitStack() as stack:
        exp = stack.enter_context(
            tbgateway.experiment("resnet", url=way.url, token_file=token, lease=10)
        )
        for times in (1, 2):
            way.is_cut = True
            exp.describe(params={"times": times})
            eventually(lambda: _trouble_of(exp) is not None, what="noticed")
            way.is_cut = False
            eventually(lambda: _trouble_of(exp) is None, what="over")
    assert len(warnings(caplog)) == 1
    assert sum("answers again" in one for one in caplog.messages) == 2


def _trouble_of(exp: Training) -> Exception | None:
    assert exp._telling is not None
    return exp._telling._reporter.trouble


@pytest.mark.parametrize("error", [KeyboardInterrupt, Terminated])
def test_impatience_at_the_begin_ends_what_was_registered(
    api: RunningApi, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def interrupted(_story: Story) -> bool:
        raise error(143)

    monkeypatch.setattr(Story, "settle", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(error), begin(api):
        pass
    assert known(api)["resnet"].state == "stopped"
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_we_overlooked_at_the_begin_leaves_nothing_running(
    api: RunningApi, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_story: Story) -> bool:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(Story, "settle", broken)
    with begin(api) as exp:
        assert exp.logdir == str(root / "resnet")
        assert known(api)["resnet"].state == "running"
    assert known(api)["resnet"].state == "completed"
