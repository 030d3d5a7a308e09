"""Trainings with real writers, on a real gateway whose boards are real TensorBoards."""

import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)
PROLOGUE = """
import time
import tbgateway
from tensorboardX import SummaryWriter

def train(exp, steps, first=0):
    writer = SummaryWriter(exp.logdir, flush_secs=1)
    for step in range(first, steps):
        writer.add_scalar("loss", 1.0 / (step + 1), step)
        yield step
    writer.close()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def gateway(start_gateway: Callable[..., RunningGateway], root: Path) -> RunningGateway:
    return start_gateway(root)


class Script:
    """A training script in a process of its own; `say` lets it go on where it waits for a line."""

    def __init__(
        self, gateway: RunningGateway, body: str, environ: Mapping[str, str] | None = None
    ) -> None:
        home = gateway.home / "researcher"
        (home / "work").mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROLOGUE + textwrap.dedent(body)],
            cwd=home / "work",
            env={**gateway.environment, "HOME": str(home), **(environ or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._stdin, self._stdout = self.process.stdin, self.process.stdout

    def hear(self) -> str:
        return self._stdout.readline().strip()

    def say(self, line: str = "") -> None:
        self._stdin.write(f"{line}\n")
        self._stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def end(self, status: int = 0) -> str:
        """Return what it wrote to stderr, once it ended with this status."""
        _, errors = self.process.communicate(timeout=120)
        assert self.process.returncode == status, errors
        return str(errors)


@pytest.fixture
def start(gateway: RunningGateway) -> Iterator[Callable[..., Script]]:
    """Return a function that starts a script beside the gateway; all are ended after the test."""
    with ExitStack() as stack:
        yield lambda *words: stack.enter_context(Script(gateway, *words))


def experiment(gateway: RunningGateway, name: str) -> dict[str, Any]:
    found: dict[str, Any] = gateway.admin(f"/api/v1/experiments?name={name}").json()["items"][0]
    return found


def steps_shown(gateway: RunningGateway, board: str, run: str) -> list[int]:
    path = f"/boards/{board}/data/plugin/scalars/scalars?run={run}&tag=loss"
    answer = gateway.get(path, ADMIN)
    return [int(step) for _, step, _ in json.loads(answer.body)] if answer.status == 200 else []


def wait_for_steps(gateway: RunningGateway, run: str, steps: int, board: str = "vision") -> None:
    eventually(
        lambda: steps_shown(gateway, board, run) == list(range(steps)), what=f"{steps} steps shown"
    )


def test_a_board_shows_a_training_while_it_runs_and_when_it_completed(
    start: Callable[..., Script],
    gateway: RunningGateway,
) -> None:
    script = start(
        """
        with tbgateway.experiment(
            "resnet", boards=["vision"], params={"lr": 3e-4}, tags=["baseline"]
        ) as exp:
            print(exp.url, flush=True)
            for step in train(exp, 20):
                if step == 9:
                    print("ten", flush=True)
                    input()
        """,
    )
    assert script.hear() == f"{gateway.url}/boards/vision/"
    assert script.hear() == "ten"
    wait_for_steps(gateway, "resnet", 10)
    running = experiment(gateway, "resnet")
    assert (running["state"], running["lease"]) == ("running", 60.0)
    assert (running["params"], running["tags"]) == ({"lr": 3e-4}, ["baseline"])
    script.say()
    assert script.end() == f"tbgateway: new board vision: {gateway.url}/boards/vision/\n"
    assert experiment(gateway, "resnet")["state"] == "completed"
    wait_for_steps(gateway, "resnet", 20)


def test_a_training_that_raises_fails_with_its_text(
    start: Callable[..., Script], gateway: RunningGateway
) -> None:
    script = start(
        """
        with tbgateway.experiment("resnet") as exp:
            list(train(exp, 3))
            raise ValueError("the loss is NaN")
        """,
    )
    errors = script.end(1)
    assert errors.startswith("Traceback")
    assert errors.endswith("ValueError: the loss is NaN\n")
    found = experiment(gateway, "resnet")
    assert (found["state"], found["reason"]) == ("failed", "ValueError: the loss is NaN")


@pytest.mark.parametrize(
    ("sign", "status", "reason"),
    [(signal.SIGTERM, 143, "SIGTERM"), (signal.SIGINT, -2, "KeyboardInterrupt")],
)
def test_a_training_that_is_told_to_end_was_stopped(
    start: Callable[..., Script],
    gateway: RunningGateway,
    sign: signal.Signals,
    status: int,
    reason: str,
) -> None:
    script = start(
        """
        with tbgateway.experiment("resnet") as exp:
            list(train(exp, 3))
            print("ready", flush=True)
            time.sleep(600)
        """,
    )
    assert script.hear() == "ready"
    script.process.send_signal(sign)
    script.end(status)
    found = experiment(gateway, "resnet")
    assert (found["state"], found["reason"]) == ("stopped", reason)


def test_a_script_that_handles_sigterm_itself_is_left_alone(
    start: Callable[..., Script], gateway: RunningGateway
) -> None:
    script = start(
        """
        import signal
        def save(*_):
            print("saved", flush=True)
        signal.signal(signal.SIGTERM, save)
        with tbgateway.experiment("resnet") as exp:
            list(train(exp, 3))
            print("ready", flush=True)
            input()
        """,
    )
    assert script.hear() == "ready"
    script.process.send_signal(signal.SIGTERM)
    assert script.hear() == "saved"
    script.say()
    script.end()
    assert experiment(gateway, "resnet")["state"] == "completed"


@pytest.mark.parametrize(
    ("last", "status", "state", "reason"),
    [
        ("pass", 0, "completed", "completed by its script"),
        ("raise ValueError('no')", 1, "failed", "ValueError: no"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 143, "stopped", "SIGTERM"),
    ],
)
def test_a_script_that_forgets_to_finish_is_finished_at_its_exit(
    start: Callable[..., Script],
    gateway: RunningGateway,
    last: str,
    status: int,
    state: str,
    reason: str,
) -> None:
    script = start(f"exp = tbgateway.experiment('resnet').start()\n{last}")
    script.end(status)
    found = experiment(gateway, "resnet")
    assert (found["state"], found["reason"]) == (state, reason)


def test_a_script_that_is_killed_is_missed(
    start: Callable[..., Script], gateway: RunningGateway
) -> None:
    script = start(
        """
        with tbgateway.experiment("resnet", lease=10) as exp:
            list(train(exp, 3))
            print("ready", flush=True)
            time.sleep(600)
        """,
    )
    assert script.hear() == "ready"
    script.process.kill()
    script.end(-9)
    lost = eventually(lambda: _if_over(gateway, "resnet"), what="missed")
    assert (lost["state"], lost["reason"]) == ("stopped", "heartbeat lost")


def _if_over(gateway: RunningGateway, name: str) -> dict[str, Any] | None:
    found = experiment(gateway, name)
    return None if found["state"] == "running" else found


def test_two_at_the_same_moment_are_two(
    start: Callable[..., Script], gateway: RunningGateway
) -> None:
    body = """
    input()
    with tbgateway.experiment("resnet", boards=["vision"]) as exp:
        list(train(exp, 5))
    """
    scripts = [start(body) for _ in range(2)]
    for script in scripts:
        script.say()
    for script in scripts:
        script.end()
    for name in ("resnet", "resnet-2"):
        wait_for_steps(gateway, name, 5)
        assert experiment(gateway, name)["state"] == "completed"


def test_two_in_one_process_are_two(start: Callable[..., Script], gateway: RunningGateway) -> None:
    start(
        """
        import threading
        def one(name):
            with tbgateway.experiment(name, boards=["vision"]) as exp:
                list(train(exp, 5))
        threads = [threading.Thread(target=one, args=(name,)) for name in ("a", "b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        """,
    ).end()
    for name in ("a", "b"):
        wait_for_steps(gateway, name, 5)
        assert experiment(gateway, name)["state"] == "completed"


def test_a_distributed_training_registers_once(
    start: Callable[..., Script], gateway: RunningGateway, root: Path
) -> None:
    body = """
    with tbgateway.experiment("resnet", boards=["vision"]) as exp:
        list(train(exp, 5))
        print(exp.logdir)
    """
    ranks = [
        start(body, {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)})
        for rank in range(2)
    ]
    places = [Path(script.hear()) for script in ranks]
    for script in ranks:
        script.end()
    assert places[0] == root / "resnet"
    assert not places[1].exists()  # it was thrown away
    assert [one.name for one in root.iterdir()] == ["resnet"]
    assert len(gateway.admin("/api/v1/experiments").json()["items"]) == 1
    wait_for_steps(gateway, "resnet", 5)


@pytest.mark.parametrize("ends", ["after", "meanwhile"])
def test_a_gateway_that_is_killed_in_the_middle_is_not_missed(
    start: Callable[..., Script], gateway: RunningGateway, ends: str
) -> None:
    script = start(
        """
        with tbgateway.experiment("resnet", boards=["vision"], lease=10) as exp:
            for step in train(exp, 60):
                if step in (20, 40):
                    print(step, flush=True)
                    input()
                time.sleep(0.05)
            exp.describe(params={"accuracy": 0.9})
        """,
    )
    assert script.hear() == "20"
    gateway.kill()
    script.say()
    assert script.hear() == "40"
    if ends == "after":
        gateway.start()
        script.say()
        errors = script.end()
    else:
        script.say()
        errors = script.end()
        gateway.start()
    assert "Traceback" not in errors
    assert errors.count("The training goes on") <= 1
    assert errors.count("\n") <= 2  # the new board, and the trouble if there was any
    eventually(
        lambda: experiment(gateway, "resnet")["state"] == "completed", what="its end is known"
    )
    wait_for_steps(gateway, "resnet", 60)
    eventually(
        lambda: experiment(gateway, "resnet")["params"] == {"accuracy": 0.9}, what="described"
    )


def test_a_training_that_began_and_ended_without_a_gateway_is_shown_later(
    start: Callable[..., Script],
    gateway: RunningGateway,
) -> None:
    body = """
    with tbgateway.experiment("{name}", boards=["vision"]) as exp:
        list(train(exp, 5))
    """
    start(body.replace("{name}", "before")).end()
    gateway.kill()
    errors = start(body.replace("{name}", "during")).end()
    assert errors.count("\n") == 1
    assert "No gateway was found" in errors
    gateway.start()
    start(body.replace("{name}", "after")).end()
    for name in ("before", "during", "after"):
        wait_for_steps(gateway, name, 5)
        eventually(
            lambda name=name: experiment(gateway, name)["state"] == "completed", what="completed"
        )
