"""Logdirs as they are: they vanish, hang, are closed, are crowded, and are written to meanwhile."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from event_writer import write_scalars
from mounts import FragileMount, fragile_mount, mount, unmount
from ordinary_user import ordinary_gateway
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually
from stock_tensorboard import points_path
from tensorboardX import SummaryWriter

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)
OFTEN = {"TBGATEWAY_EXPERIMENTS__RESCAN_INTERVAL": "0.5"}
SLEEPY = {"TBGATEWAY_BOARDS__IDLE_TIMEOUT": "1"}
MANY = 5000
StartGateway = Callable[..., RunningGateway]


def problem(gateway: RunningGateway, experiment: str) -> str:
    items = gateway.admin("/api/v1/experiments").json()["items"]
    return next(str(one["problem"] or "") for one in items if one["name"] == experiment)


def await_problem(gateway: RunningGateway, experiment: str, text: str) -> None:
    eventually(lambda: text in problem(gateway, experiment), what=f"{experiment}: {text!r}")


def await_health(gateway: RunningGateway, *experiments: str) -> None:
    for one in experiments:
        eventually(lambda one=one: not problem(gateway, one), what=f"{one} is back")


def await_runs(gateway: RunningGateway, board: str, *runs: str) -> None:
    def shown() -> bool:
        answer = gateway.get(f"/boards/{board}/data/runs", ADMIN)
        return answer.status == 200 and sorted(answer.json()) == sorted(runs)

    eventually(shown, what=f"{board} shows {runs}")


def steps(gateway: RunningGateway, run: str, tag: str) -> list[int]:
    answer = gateway.get(f"/boards/vision{points_path('scalars', run, tag)}", ADMIN)
    return [step for _, step, _ in answer.json()] if answer.status == 200 else []


# --- vanishing


def test_what_is_deleted_or_unmounted_is_told_and_shown_again_when_it_is_back(
    start_gateway: StartGateway, runs: Path, tmp_path: Path
) -> None:
    point = tmp_path / "mounted"
    point.mkdir()
    mount(runs, point)
    try:
        gateway = start_gateway(point, environment=OFTEN)
        gateway.cli("board", "create", "vision", "-e", "first", "-e", "second", "--wait")
        everything = ("first/train", "first/val", "second/train")

        shutil.move(runs / "second", tmp_path / "away")
        await_problem(gateway, "second", "its directory is missing")
        await_runs(gateway, "vision", "first/train", "first/val")
        write_scalars(runs / "second" / "train", {"loss": [2.0]})
        await_health(gateway, "second")
        await_runs(gateway, "vision", *everything)

        unmount(point)
        await_problem(gateway, "first", "is empty; is it mounted?")
        await_runs(gateway, "vision")
        mount(runs, point)
        await_health(gateway, "first", "second")
        await_runs(gateway, "vision", *everything)

        runs.rename(tmp_path / "old")
        unmount(point)
        point.rmdir()
        await_problem(gateway, "first", "is not there")
        shutil.copytree(tmp_path / "old", point)
        await_health(gateway, "first", "second")
        await_runs(gateway, "vision", *everything)
    finally:
        unmount(point)


def test_permission_that_is_lost_is_told_and_given_back_is_enough() -> None:
    with ordinary_gateway(OFTEN) as gateway:
        experiment = gateway.home / "runs" / "first"
        gateway.cli("board", "create", "vision", "-e", "first", "--wait")
        for closed in (experiment, experiment.parent):
            closed.chmod(0o000)
            await_problem(gateway, "first", "Permission denied")
            await_runs(gateway, "vision")
            closed.chmod(0o755)
            await_health(gateway, "first")
            await_runs(gateway, "vision", "first")


# --- hanging


@pytest.fixture
def far(tmp_path: Path) -> Path:
    """Return the root `far` with one experiment."""
    write_scalars(tmp_path / "disk" / "remote", {"loss": [1.0]})
    (tmp_path / "far").mkdir()
    return tmp_path / "far"


@pytest.fixture
def fragile(far: Path) -> Iterator[FragileMount]:
    """Mount it so that it can hang."""
    with fragile_mount(far.with_name("disk"), far) as mounted:
        yield mounted


def register(gateway: RunningGateway, path: Path) -> Any:
    body = {"path": str(path)}
    return gateway.admin("/api/v1/experiments", body, method="POST")


def test_a_mount_that_hangs_hinders_nothing_but_its_own_experiments(
    start_gateway: StartGateway, fragile: FragileMount, runs: Path, far: Path
) -> None:
    gateway = start_gateway(runs, far, environment=OFTEN)
    gateway.cli("board", "create", "near", "-e", "first", "--wait")
    gateway.cli("board", "create", "mixed", "-e", "first", "-e", "remote", "--wait")
    gateway.cli("board", "create", "asleep", "-e", "second", "-e", "remote")
    gateway.cli("board", "stop", "asleep")
    near = ("first/train", "first/val")
    await_runs(gateway, "mixed", *near, "remote")
    with fragile.hanging():
        refused = register(gateway, far / "remote")
        assert (refused.status, "does not answer" in refused.json()["detail"]) == (503, True)
        write_scalars(runs / "third" / "train", {"loss": [1.0]})
        gateway.cli("board", "create", "newest", "-e", "third", "--wait")
        assert register(gateway, runs / "third" / "train").status in {200, 201}
        await_problem(gateway, "remote", "does not answer")
        await_runs(gateway, "mixed", *near)
        gateway.cli("board", "start", "asleep")
        await_runs(gateway, "asleep", "second/train")
        assert gateway.runs("near") == sorted(near)
        for path in ("/", "/ui/experiments", "/readyz", "/api/v1/boards/mixed"):
            assert gateway.get(path, ADMIN).status == 200
        gateway.cli("experiment", "complete", "remote")
    await_health(gateway, "remote")
    await_runs(gateway, "mixed", *near, "remote")
    await_runs(gateway, "asleep", "second/train", "remote")


def test_a_gateway_starts_and_serves_while_a_mount_hangs(
    start_gateway: StartGateway, fragile: FragileMount, runs: Path, far: Path
) -> None:
    gateway = start_gateway(runs, far, environment=OFTEN)
    gateway.cli("board", "create", "near", "-e", "first", "--wait")
    gateway.cli("board", "create", "mixed", "-e", "first", "-e", "remote", "--wait")
    gateway.stop()
    near = ("first/train", "first/val")
    with fragile.hanging():
        gateway.start()
        await_runs(gateway, "near", *near)
        await_runs(gateway, "mixed", *near)
        await_problem(gateway, "remote", "does not answer")
        names = [one["name"] for one in gateway.admin("/api/v1/experiments").json()["items"]]
        assert "remote" in names
    await_health(gateway, "remote")
    await_runs(gateway, "mixed", *near, "remote")


# --- crowded, and written to


def test_five_thousand_runs_of_one_experiment_are_all_shown(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    root = tmp_path / "runs"
    write_scalars(root / "sweep" / "0000", {"loss": [1.0]})
    (events,) = (root / "sweep" / "0000").iterdir()
    content = events.read_bytes()
    for number in range(1, MANY):
        run = root / "sweep" / f"{number:04}"
        run.mkdir()
        (run / events.name).write_bytes(content)
    gateway = start_gateway(root)
    gateway.cli("board", "create", "vision", "-e", "sweep", "--wait")
    eventually(lambda: len(gateway.runs("vision")) == MANY, what="all runs")
    assert not problem(gateway, "sweep")


def test_what_is_appended_while_a_board_wakes_is_shown_without_a_gap(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    gateway = start_gateway(write_first(tmp_path), environment=SLEEPY)
    gateway.cli("board", "create", "vision", "-e", "live", "--wait")
    eventually(lambda: state(gateway) == "sleeping", what="it sleeps")
    written, over = 0, threading.Event()

    def write() -> None:
        nonlocal written
        with SummaryWriter(str(tmp_path / "runs" / "live"), filename_suffix=".live") as writer:
            while not over.wait(0.01):
                writer.add_scalar("live", 1.0, written)
                writer.flush()
                written += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        eventually(lambda: len(steps(gateway, "live", "live")) > 0, what="the woken board shows it")
    finally:
        over.set()
        thread.join()
    eventually(
        lambda: steps(gateway, "live", "live")[-1:] == [written - 1], what="the last one is shown"
    )
    seen = steps(gateway, "live", "live")
    assert seen == list(range(written)) or len(seen) == 1000, "more are sampled"
    assert len(steps(gateway, "live", "loss")) == 2


def test_two_writers_in_one_run_are_both_followed(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    run = str(tmp_path / "runs" / "shared" / "train")
    with ExitStack() as stack:
        writers = {
            tag: stack.enter_context(SummaryWriter(run, filename_suffix=f".{tag}", flush_secs=0.1))
            for tag in ("left", "right")
        }
        for writer in writers.values():
            writer.add_scalar("both", 0.0, 0)
        gateway = start_gateway(tmp_path / "runs")
        gateway.cli("board", "create", "vision", "-e", "shared", "--wait")
        for step in range(4):
            for tag, writer in writers.items():
                writer.add_scalar(tag, float(step), step)
                seen = list(range(step + 1))
                await_steps(gateway, "shared/train", tag, seen)


def await_steps(gateway: RunningGateway, run: str, tag: str, expected: list[int]) -> None:
    eventually(lambda: steps(gateway, run, tag) == expected, what=f"{tag} at {expected}")


def write_first(home: Path) -> Path:
    write_scalars(home / "runs" / "live", {"loss": [1.0, 0.5]})
    return home / "runs"


def state(gateway: RunningGateway) -> str:
    return str(gateway.admin("/api/v1/boards/vision").json()["state"])
