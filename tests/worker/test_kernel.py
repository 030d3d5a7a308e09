"""The kernel's word on processes."""

import os
import subprocess
import sys

from tbgateway.worker import kernel


def test_a_process_is_named_by_its_pid_and_start_time() -> None:
    assert kernel.started_at(os.getpid()) == kernel.started_at(os.getpid()) > 0
    assert not kernel.is_over(os.getpid())


def test_a_process_that_is_not_there_is_over() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()

    assert kernel.started_at(process.pid) == 0
    assert kernel.is_over(process.pid)


def test_a_zombie_is_over() -> None:
    process = subprocess.Popen(["true"])
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert kernel.is_over(process.pid)
        assert kernel.started_at(process.pid) > 0
    finally:
        process.wait()


def test_a_process_whose_parent_is_another_one_already_ends_at_once() -> None:
    code = "from tbgateway.worker import kernel; kernel.die_with_parent(1_999_999_999); print(1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 1
    assert done.stdout == b""


def test_children_are_counted_also_when_they_have_ended() -> None:
    before = kernel.children()
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert kernel.children() - before == {process.pid}
    assert kernel.children() == before


def test_who_adopts_orphans_becomes_the_parent_of_what_left_its_session() -> None:
    code = (
        "import subprocess; from tbgateway.worker import kernel; kernel.adopt_orphans();"
        " subprocess.run(['setsid', '--fork', 'true']); print(len(kernel.children()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout == b"1\n"
