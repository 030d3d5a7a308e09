import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import light_wheel
import pytest
from foreground_process import on_terminal, until_state
from running_api import RunningApi
from running_gateway import PATIENCE

from tbgateway.client import Experiment
from tbgateway.domain.model import ExperimentState
from tbgateway.training.foreground import Left
from tbgateway.training.run import ending_of

RUN = (sys.executable, "-m", "tbgateway", "run")
READY = ("sh", "-c", "echo ready; exec sleep 60")


@dataclass(frozen=True)
class Site:
    """A gateway, and the directory of somebody who runs commands beside it."""

    gateway: RunningApi
    home: Path

    def environ(self, **more: str) -> dict[str, str]:
        named = {"TBGATEWAY_SOCKET": str(self.gateway.control)}
        return light_wheel.surroundings(self.home, **{**named, **more})

    def run(self, *words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*RUN, *words],
            cwd=self.home,
            env=options.pop("env", self.environ()),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            **options,
        )

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*RUN, *words], cwd=self.home, env=self.environ(), stdout=subprocess.PIPE
        )

    def experiment(self, name: str) -> Experiment:
        return self.gateway.client.experiments.show(name)

    def end_of(self, name: str) -> tuple[str, str]:
        found = self.experiment(name)
        return found.state, found.reason

    def board_names(self) -> set[str]:
        return {board.name for board in self.gateway.client.boards.list()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    for name in ("runs", "home"):
        (directory / name).mkdir()
    with RunningApi(directory / "gw", directory / "runs") as gateway:
        yield Site(gateway, directory / "home")


@pytest.fixture
def boards(site: Site) -> Iterator[None]:
    """Let there be no boards before and after a test."""
    _delete_boards(site)
    yield
    _delete_boards(site)


def _delete_boards(site: Site) -> None:
    for board in site.gateway.client.boards.list():
        site.gateway.client.boards.delete(board.id)


@pytest.mark.usefixtures("boards")
def test_a_command_is_an_experiment_with_all_that_is_said_of_it(site: Site) -> None:
    said = ("--board", "vision", "--tag", "baseline", "--param", "lr=3e-4", "--notes", "First.")
    script = 'echo "$TBGATEWAY_EXPERIMENT"; echo "$TBGATEWAY_LOGDIR"; echo {logdir}; pwd'
    done = site.run("--name", "said", *said, "--", "sh", "-c", script)
    found = site.experiment("said")
    assert (done.returncode, found.state) == (0, "completed")
    assert done.stdout.splitlines() == ["said", found.path, found.path, str(site.home)]
    assert done.stderr.splitlines() == [f"tbgateway: new board vision: {_url(site, 'vision')}"]
    assert (found.params, found.tags, found.notes) == ({"lr": 3e-4}, ("baseline",), "First.")
    (shown,) = site.gateway.client.boards.show("vision").experiments
    assert shown.id == found.id


def _url(site: Site, board: str) -> str:
    return site.gateway.client.boards.show(board).url


def test_a_second_one_of_the_name_gets_a_number_and_a_resumed_one_does_not(site: Site) -> None:
    script = ("--", "sh", "-c", 'echo "$TBGATEWAY_EXPERIMENT"')
    told = [site.run("--name", "twice", *more, *script).stdout for more in ((), (), ("--resume",))]
    assert told == ["twice\n", "twice-2\n", "twice\n"]


def test_a_directory_can_be_given(site: Site) -> None:
    directory = site.gateway.logdirs[0] / "given"
    done = site.run("--name", "by hand", "--logdir", str(directory), "--", "echo", "{logdir}")
    assert done.stdout == f"{directory}\n"
    assert site.experiment("by hand").path == str(directory)


@pytest.mark.parametrize(
    ("script", "status", "state", "reason"),
    [
        ("exit 7", 7, "failed", "exit status 7"),
        ("ulimit -c 0; kill -SEGV $$", 139, "failed", "killed by SIGSEGV"),
        ("kill -HUP $$", 129, "failed", "killed by SIGHUP"),
    ],
)
def test_a_command_that_fails_is_an_experiment_that_failed(
    site: Site, script: str, status: int, state: str, reason: str
) -> None:
    assert site.run("--name", reason, "--", "sh", "-c", script).returncode == status
    assert site.end_of(reason) == (state, reason)


@pytest.mark.parametrize(
    ("name", "script", "status", "state", "reason"),
    [
        ("term", "echo ready; exec sleep 60", 143, "stopped", "SIGTERM"),
        (
            "handled",
            "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done",
            3,
            "stopped",
            "SIGTERM (exit status 3)",
        ),
        (
            "saved",
            "trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done",
            0,
            "completed",
            "completed by its script",
        ),
    ],
)
def test_a_command_that_somebody_ends_was_stopped(
    site: Site, name: str, script: str, status: int, state: str, reason: str
) -> None:
    with site.start("--name", name, "--", "sh", "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        found = site.experiment(name)
        assert (found.state, found.lease) == ("running", 60.0)
        process.terminate()
        assert process.wait(PATIENCE) == status
    assert site.end_of(name) == (state, reason)


def test_ctrl_c_ends_the_script_around_it_too(site: Site) -> None:
    command = f"{' '.join(RUN)} --name ctrlc -- sh -c 'echo ready; exec sleep 60'; echo went on"
    with on_terminal("bash", "-c", command, cwd=site.home, env=site.environ()) as terminal:
        terminal.shown.until("ready")
        terminal.type("\x03")
        assert "went on" not in terminal.shown.rest()
        assert terminal.process.wait(PATIENCE) == -signal.SIGINT
    assert site.end_of("ctrlc") == ("stopped", "SIGINT")


def test_a_shell_sees_130_after_ctrl_c(site: Site) -> None:
    with site.start("--name", "interrupted", "--", *READY) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == -signal.SIGINT  # of which shells say 130
    assert site.end_of("interrupted") == ("stopped", "SIGINT")


def test_a_signal_that_comes_before_the_command_is_heeded(site: Site) -> None:
    def block() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        os.kill(os.getpid(), signal.SIGTERM)

    done = site.run("--name", "too soon", "--", "echo", "begun", preexec_fn=block)
    assert (done.returncode, done.stdout) == (143, "")
    assert site.end_of("too soon") == ("stopped", "SIGTERM")


def test_killed_alone_it_leaves_the_command_and_the_lease_behind(site: Site) -> None:
    with site.start("--name", "orphan", "--", "sh", "-c", "echo $$; exec sleep 60") as process:
        assert process.stdout is not None
        command = int(process.stdout.readline())
        process.kill()
        process.wait()
        until_state(command, "R", "S")
        found = site.experiment("orphan")
        assert (found.state, found.lease) == ("running", 60.0)
        os.kill(command, signal.SIGKILL)
        until_state(command, "", "Z")


def test_nothing_but_two_variables_is_put_into_the_commands_environment(
    site: Site, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(site.gateway.token_of("admin"))
    environ = site.environ(TBGATEWAY_TOKEN="mine", TBGATEWAY_URL=site.gateway.url)
    dump = (sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))")
    done = site.run("--name", "env", "--token-file", str(token), "--", *dump, env=environ)
    found = json.loads(done.stdout)
    added = {key: found[key] for key in found.keys() - environ.keys()}
    assert added == {
        "TBGATEWAY_EXPERIMENT": "env",
        "TBGATEWAY_LOGDIR": site.experiment("env").path,
    }
    assert {key: found[key] for key in environ} == environ


def test_input_and_output_are_the_commands_own(site: Site) -> None:
    done = site.run("--name", "cat", "--", "sh", "-c", "cat; echo oops >&2", input="some words")
    assert (done.stdout, done.stderr) == ("some words", "oops\n")


def test_only_the_first_of_several_processes_is_an_experiment(site: Site) -> None:
    environ = site.environ(SLURM_PROCID="1")
    done = site.run("--name", "rank", "--", "sh", "-c", "ls -d {logdir}; exit 3", env=environ)
    assert done.returncode == 3
    assert "rank" not in {one.name for one in site.gateway.client.experiments.list()}
    assert not Path(done.stdout.strip()).exists()


def test_what_the_others_wrote_is_gone_after_ctrl_c_too(site: Site) -> None:
    command = (*RUN, "--name", "rank", "--", "sh", "-c", "echo ready {logdir}; exec sleep 60")
    with on_terminal(*command, cwd=site.home, env=site.environ(SLURM_PROCID="1")) as terminal:
        terminal.shown.until("ready ")
        directory = Path(terminal.shown.until("\n").strip())
        assert directory.is_dir()
        terminal.type("\x03")
        terminal.shown.rest()
        assert terminal.process.wait(PATIENCE) == -signal.SIGINT
    assert not directory.exists()


def test_without_a_gateway_it_runs_all_the_same(site: Site, tmp_path: Path) -> None:
    environ = site.environ(TBGATEWAY_SOCKET=str(tmp_path / "none"), HOME=str(tmp_path))
    said = ("--name", "alone", "--tensorboard", "--param", "lr=1")
    done = site.run(*said, "--", "sh", "-c", "echo {logdir}; exit 3", env=environ)
    assert (done.returncode, done.stdout) == (3, f"{site.home}/runs/alone\n")
    assert "No gateway was found" in done.stderr
    record = json.loads((site.home / "runs" / "alone" / "tbgateway.json").read_text())
    assert (record["state"], record["reason"]) == ("failed", "exit status 3")
    assert record["params"] == {"lr": 1}


def test_a_command_that_cannot_be_executed_is_told(site: Site) -> None:
    script = site.home / "no-interpreter"
    script.write_text("print()\n")
    script.chmod(0o755)
    done = site.run("--name", "exec", "--", str(script))
    assert done.returncode == 126
    assert "Exec format error" in done.stderr
    state, reason = site.end_of("exec")
    assert state == "failed"
    assert "Exec format error" in reason


@pytest.mark.usefixtures("boards")
def test_tensorboard_means_the_only_board_or_else_a_new_one(site: Site) -> None:
    assert site.run("--name", "First Net", "--tensorboard", "--", "true").returncode == 0
    assert site.board_names() == {"first-net"}
    site.run("--name", "second", "--tensorboard", "--", "true")
    (board,) = site.gateway.client.boards.list()
    assert [one.name for one in board.experiments] == ["First Net", "second"]
    site.gateway.client.boards.create("another")
    site.run("--name", "third", "--tensorboard", "--", "true")
    assert site.board_names() == {"first-net", "another", "third"}
    site.run("--name", "third", "--tensorboard", "--", "true")
    assert site.board_names() == {"first-net", "another", "third", "third-2"}


@pytest.mark.usefixtures("boards")
def test_tensorboard_set_means_a_board_that_there_is(site: Site) -> None:
    board = site.gateway.client.boards.create("vision")
    for reference in (board.id, "vision"):
        done = site.run("--name", f"on {reference}", "--tensorboard_set", reference, "--", "true")
        assert (done.returncode, done.stderr) == (0, "")
    shown = {one.name for one in site.gateway.client.boards.show("vision").experiments}
    assert shown == {f"on {board.id}", "on vision"}
    done = site.run("--name", "on none", "--tensorboard_set", "visoin", "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (0, "ran\n")
    assert "no board 'visoin'" in done.stderr.lower()
    assert site.board_names() == {"vision"}


@pytest.mark.parametrize(
    ("left", "state", "reason"),
    [
        (Left(0), "completed", ""),
        (Left(0, asked=(signal.SIGTERM,)), "completed", ""),
        (Left(1), "failed", "exit status 1"),
        (Left(143), "stopped", "SIGTERM"),
        (Left(0, signal.SIGINT), "stopped", "SIGINT"),
        (Left(129), "failed", "exit status 129"),
        (Left(143, asked=(signal.SIGTERM,)), "stopped", "SIGTERM"),
        (Left(1, asked=(signal.SIGINT,)), "stopped", "SIGINT (exit status 1)"),
        (Left(1, asked=(signal.SIGHUP,)), "failed", "exit status 1"),
        (Left(0, signal.SIGHUP, (signal.SIGHUP,)), "stopped", "SIGHUP"),
        (Left(0, signal.SIGUSR1), "failed", "killed by SIGUSR1"),
        (Left(0, signal.SIGKILL), "failed", "killed by SIGKILL"),
        (Left(0, 40), "failed", "killed by signal 40"),
        (Left(170), "failed", "exit status 170"),
        (Left(0, signal.SIGKILL, (signal.SIGTERM,)), "stopped", "SIGTERM (killed by SIGKILL)"),
    ],
)
def test_how_a_command_left_is_how_the_experiment_ended(
    left: Left, state: str, reason: str
) -> None:
    ending = ending_of(left)
    assert (ending.state, ending.reason) == (ExperimentState(state), reason)
