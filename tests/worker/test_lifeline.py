"""The pipe by which processes die, whatever state they are in."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

_TIED = """
import ctypes, os, subprocess, sys, time
from tbgateway.worker import lifeline
descriptor = int(sys.argv[1])
os.setsid()
if sys.argv[2] == "late":
    sys.stdin.readline()
lifeline.die_by(descriptor)
child = subprocess.Popen(["sleep", "600"], pass_fds=[descriptor])
print(child.pid, flush=True)
if sys.argv[2] == "holding":
    ctypes.PyDLL(None).pause()
time.sleep(600)
"""


@pytest.fixture
def lifeline() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def tied(reading: int, how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _TIED, str(reading), how],
        pass_fds=[reading],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", ["idle", "stopped", "holding", "dead"])
def test_a_whole_group_dies_when_the_other_end_is_closed(
    lifeline: tuple[int, int], how: str
) -> None:
    reading, writing = lifeline
    with tied(reading, how) as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline()))
        if how == "stopped":
            os.killpg(process.pid, signal.SIGSTOP)
        if how == "dead":
            process.kill()
            process.wait()
            signal.pidfd_send_signal(child, 0)  # the child lives on
        os.close(writing)

        assert process.wait(60) == -signal.SIGKILL
        assert _ended(child)
    os.close(child)


def test_who_comes_too_late_dies_as_well(lifeline: tuple[int, int]) -> None:
    reading, writing = lifeline
    with tied(reading, "late") as process:
        os.close(writing)
        process.communicate("go on\n", timeout=60)
        assert process.returncode == -signal.SIGKILL


def _ended(pidfd: int) -> bool:

    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(60_000))
