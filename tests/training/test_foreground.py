import os
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from foreground_process import RECORDER, held, holding, on_terminal, until_state
from running_gateway import PATIENCE

from tbgateway.training.foreground import Foreground, Left

OF_EVERYBODY = 0x7FFFFFFF  # the C library keeps the two signals above for itself
SIGNALS = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1")


def python(script: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-E", "-c", script)


def shell(script: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script)


@pytest.mark.parametrize("status", [0, 1, 7, 170, 255])
def test_the_exit_status_is_the_commands(tmp_path: Path, status: int) -> None:
    with held(tmp_path, *shell(f"exit {status}")) as process:
        assert process.ended() == (status, "")
        assert process.left() == [str(status), "", ""]


@pytest.mark.parametrize(
    ("sign", "name"), [(9, "SIGKILL"), (11, "SIGSEGV"), (15, "SIGTERM"), (40, "signal 40")]
)
def test_a_signal_that_ends_the_command_is_told_as_shells_do(
    tmp_path: Path, sign: int, name: str
) -> None:
    with held(tmp_path, *shell(f"ulimit -c 0; kill -{sign} $$")) as process:
        assert process.ended() == (128 + sign, "")
        assert process.report.read_text() == f"0 {name} "


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_is_passed_on_each_time_that_it_comes(tmp_path: Path, name: str) -> None:
    with held(tmp_path, *RECORDER) as process:
        process.command()
        for _ in range(2):
            process.process.send_signal(signal.Signals[name])
            assert process.shown.until("\n") == f"got {name}\n"
        process.process.send_signal(signal.SIGUSR2)
        assert process.ended() == (0, "got SIGUSR2\n")


def test_what_asked_it_to_end_is_remembered(tmp_path: Path) -> None:
    with held(tmp_path, *RECORDER) as process:
        process.command()
        for sign in (signal.SIGUSR1, signal.SIGINT, signal.SIGTERM):
            process.process.send_signal(sign)
            process.shown.until("\n")
        process.process.send_signal(signal.SIGUSR2)
        process.ended()
        assert process.left() == ["0", "", "SIGINT", "SIGTERM"]


def test_a_command_that_became_somebody_else_is_waited_for_all_the_same(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    # As with sudo, the command is one that the process may not signal; here by dropping its rights.
    command = shell("echo ready $$; read line; exit 5")
    environ = {**os.environ, "HOLDER_BECOMES": "65534"}
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with held(tmp_path, *command, env=environ, **pipes) as process:
        process.command()
        process.until_it_may_not_signal()
        process.process.terminate()
        told = "tbgateway: SIGTERM cannot be passed on to the command: Operation not permitted\n"
        assert process.shown.until("\n") == told
        process.process.send_signal(signal.SIGUSR1)
        process.process.send_signal(signal.SIGINT)
        assert process.process.stdin is not None
        process.process.stdin.close()
        assert process.ended() == (5, "")
        assert process.left() == ["5", "", ""]


@pytest.mark.parametrize(("key", "sign"), [("\x03", "SIGINT"), ("\x1c", "SIGQUIT")])
def test_a_key_that_is_pressed_just_before_the_command_begins_is_not_lost(
    tmp_path: Path, key: str, sign: str
) -> None:
    words = holding(tmp_path / "left", shell("ulimit -c 0; exec sleep 60"))
    with on_terminal(*words, env={**os.environ, "HOLDER_WAITS": "1"}) as terminal:
        terminal.shown.until("waiting")
        terminal.type(key)
        assert terminal.process.wait(PATIENCE) == 128 + signal.Signals[sign]
    assert (tmp_path / "left").read_text() == f"0 {sign} {sign}"


def test_suspended_before_the_command_begins_it_is_suspended_with_it(tmp_path: Path) -> None:
    environ = {**os.environ, "HOLDER_WAITS": "1"}
    with held(tmp_path, *RECORDER, env=environ) as process:
        process.shown.until("waiting")
        process.process.send_signal(signal.SIGTSTP)
        until_state(process.process.pid, "T")
        process.process.send_signal(signal.SIGCONT)
        process.command()
        process.process.send_signal(signal.SIGUSR2)
        assert process.ended()[0] == 0


def test_a_command_that_signals_its_whole_group_gets_it_once(tmp_path: Path) -> None:
    with held(tmp_path, *shell("trap 'echo got it' TERM; kill -TERM 0; exit 3")) as process:
        assert process.ended() == (3, "got it\n")
        assert process.left() == ["3", "", ""]


def test_what_ends_the_whole_group_at_once_ends_both(tmp_path: Path) -> None:
    with held(tmp_path, *RECORDER) as process:
        command = process.command()
        os.killpg(process.process.pid, signal.SIGKILL)
        assert process.process.wait() == -signal.SIGKILL
        until_state(command, "", "Z")


def test_a_command_outlives_a_process_that_was_killed_alone(tmp_path: Path) -> None:
    with held(tmp_path, *RECORDER) as process:
        command = process.command()
        process.process.kill()
        process.process.wait()
        os.kill(command, signal.SIGUSR2)
        assert process.shown.until("\n") == "got SIGUSR2\n"


def test_suspending_one_suspends_both_and_both_go_on_together(tmp_path: Path) -> None:
    with held(
        tmp_path,
        *python("import os, time; print('ready', os.getpid(), flush=True); time.sleep(60)"),
    ) as process:
        command = process.command()
        process.process.send_signal(signal.SIGTSTP)
        until_state(command, "T")
        until_state(process.process.pid, "T")
        process.process.send_signal(signal.SIGCONT)
        until_state(command, "S")
        until_state(process.process.pid, "S")
        process.process.terminate()
        assert process.ended() == (128 + signal.SIGTERM, "")


def test_a_word_to_go_on_is_not_lost_while_both_are_being_suspended(tmp_path: Path) -> None:
    with held(tmp_path, *RECORDER) as process:
        command = process.command()
        process.process.send_signal(signal.SIGSTOP)
        until_state(process.process.pid, "T")
        os.kill(command, signal.SIGTSTP)
        until_state(command, "T")
        process.process.send_signal(signal.SIGCONT)
        assert process.shown.until("\n") == "got SIGCONT\n"
        process.process.send_signal(signal.SIGUSR2)
        assert process.ended() == (0, "got SIGUSR2\n")


def test_a_command_that_somebody_stops_for_a_look_stops_nobody_else(tmp_path: Path) -> None:
    with held(tmp_path, *RECORDER) as process:
        command = process.command()
        os.kill(command, signal.SIGSTOP)
        until_state(command, "T")
        process.process.send_signal(signal.SIGUSR1)
        os.kill(command, signal.SIGCONT)
        got = {process.shown.until("\n") for _ in range(2)}
        assert got == {"got SIGUSR1\n", "got SIGCONT\n"}


def test_the_open_files_and_what_signals_do_are_as_without_it(tmp_path: Path) -> None:
    with (tmp_path / "input").open("w+") as file:
        told = shell(
            f"readlink /proc/self/fd/0 /proc/self/fd/2 /proc/self/fd/{file.fileno()};"
            "sed -n 's/^Sig[BI].*:\t//p' /proc/self/status"
        )
        directly, held_by = (
            subprocess.run(
                words,
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=file,
                pass_fds=[file.fileno()],
                check=True,
            ).stdout.split()
            for words in (told, holding(tmp_path / "left", told))
        )
    assert directly[:3] == held_by[:3] == [bytes(tmp_path / "input")] * 3
    for masks in (directly[3:], held_by[3:]):
        assert [int(mask, 16) & OF_EVERYBODY for mask in masks] == [0, 0]


def test_what_is_ignored_stays_ignored(tmp_path: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    command = shell("echo ready; read line; kill -HUP $$; echo still here")
    with held(tmp_path, *command, stdin=subprocess.PIPE, preexec_fn=ignore) as process:
        process.shown.until("ready\n")
        process.process.send_signal(signal.SIGHUP)
        assert process.process.stdin is not None
        process.process.stdin.close()
        assert process.ended() == (0, "still here\n")
        assert process.left() == ["0", "", ""]


def test_on_a_terminal_ctrl_c_reaches_the_command_once(tmp_path: Path) -> None:
    with on_terminal(*holding(tmp_path / "left", RECORDER)) as terminal:
        terminal.shown.until("ready")
        terminal.type("\x03")
        terminal.shown.until("got SIGINT\r\n")
        terminal.type("\x1c")
        assert "SIGINT" not in terminal.shown.until("got SIGQUIT\r\n")
        terminal.process.send_signal(signal.SIGUSR2)
        assert "SIGQUIT" not in terminal.shown.rest()
        assert terminal.process.wait() == 0
    assert (tmp_path / "left").read_text() == "0  SIGINT SIGQUIT"


def test_what_the_terminal_sends_is_not_sent_again(tmp_path: Path) -> None:
    with on_terminal(*holding(tmp_path / "left", [*RECORDER, "alone"])) as terminal:
        terminal.shown.until("ready")
        terminal.type("\x03\x1c\x1a")  # a command of another process group gets none of them
        terminal.shown.until("^Z")
        terminal.process.send_signal(signal.SIGUSR2)
        assert terminal.shown.rest().strip() == "got SIGUSR2"
        assert terminal.process.wait() == 0


def test_a_terminal_that_goes_away_hangs_up_the_command(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"trap 'echo hung up > {log}; exit 5' HUP; echo ready; while :; do sleep 0.05; done"
    with on_terminal(*holding(tmp_path / "left", shell(script))) as terminal:
        terminal.shown.until("ready")
        terminal.hang_up()
        assert terminal.process.wait() == 5
    assert log.read_text() == "hung up\n"


def test_a_shell_sees_one_job_that_it_can_suspend_and_resume(tmp_path: Path) -> None:
    job = tmp_path / "job"
    job.write_text(f"#!/bin/sh\nexec {shlex.join(holding(tmp_path / 'left', RECORDER))}")
    job.chmod(0o755)
    with on_terminal("bash", "--norc", "--noprofile", "-i") as terminal:
        terminal.type(f"{job}\r")
        terminal.shown.until("ready")
        for _ in range(2):
            terminal.type("\x1a")
            terminal.shown.until("Stopped")
            terminal.type("fg\r")
            terminal.shown.until("got SIGCONT\r\n")
        terminal.type("\x03")
        terminal.shown.until("got SIGINT\r\n")
        terminal.type("\x1a")
        terminal.shown.until("Stopped")
        terminal.type("kill -USR2 %1; fg\r")
        terminal.shown.until("got SIGUSR2\r\n")
        terminal.type("echo status $?\r")
        terminal.shown.until("status 0\r\n")


@pytest.mark.parametrize(
    ("left", "code", "sign"),
    [
        (Left(0), 0, None),
        (Left(1), 1, None),
        (Left(143), 143, signal.SIGTERM),
        (Left(170), 170, 42),
        (Left(255), 255, None),
        (Left(0, signal.SIGKILL), 137, signal.SIGKILL),
    ],
)
def test_a_status_may_tell_a_signal(left: Left, code: int, sign: int | None) -> None:
    assert (left.exit_code, left.signal) == (code, sign)


def test_the_signals_of_this_process_are_as_before_afterwards() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with Foreground() as foreground:
        assert foreground.asked_to_end() is None
        assert foreground.wait_for(foreground.start("/bin/true", ["true"], {})) == Left(0)
        with pytest.raises(FileNotFoundError):
            foreground.start("/nowhere/true", ["true"], {})
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_a_signal_may_come_before_the_command() -> None:
    with Foreground() as foreground:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        assert foreground.asked_to_end() is signal.SIGTERM
    # and it was dropped: this process is still there
