"""What a trial makes of code that misbehaves; each in a process that may fork."""

import subprocess
import sys

import pytest

_TRY = """
import os, subprocess, sys, threading, time
from tbgateway.worker import kernel
from tbgateway.worker.plugin_trial import try_in_child
kernel.adopt_orphans()
def attempt():
    {body}
print(try_in_child(attempt, 1.0), end="")
assert not kernel.children()
"""
CASES = {
    "return ''": "",
    "return 'a problem'": "a problem",
    "print('noise'); return ''": "",
    "time.sleep(60)": "its import takes longer than 1 s",
    "os._exit(3)": "its import ends the process (status 3)",
    "os.abort()": "its import ends the process (SIGABRT)",
    "os.write(2, b'a bus\\n'); os.abort()": "its import ends the process (SIGABRT): a bus",
    "threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); return ''": (
        "it starts threads when it is imported, and a process with threads cannot fork"
    ),
    "subprocess.Popen(['setsid', '--fork', 'sleep', '63.5']); return ''": "",
    "return 'x' * 100_000": "x" * 2000,
}


@pytest.mark.parametrize("body", CASES)
def test_whatever_is_tried_is_contained(body: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TRY.format(body=body)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == CASES[body]


_IN_TIME = """
import signal, time
from tbgateway.worker.plugin_trial import OverdueError, do_in_time
before = signal.getsignal(signal.SIGALRM)
def attempt():
    {body}
try:
    print(do_in_time(attempt, 0.3), end="")
except OverdueError as error:
    print("overdue:", error, end="")
assert signal.getsignal(signal.SIGALRM) == before
assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
"""
IN_TIME = {
    "return 'as it is'": "as it is",
    "time.sleep(3600)": "overdue: its import takes longer than 0.3 s",
    """
    try:
        time.sleep(3600)
    except BaseException:
        time.sleep(3600)
    """: "overdue: its import takes longer than 0.3 s",
}


@pytest.mark.parametrize("body", IN_TIME)
def test_what_is_done_in_earnest_is_cut_off(body: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IN_TIME.format(body=body)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == IN_TIME[body]
