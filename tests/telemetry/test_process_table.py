import os
import subprocess
import sys
import time

import pytest

from tbgateway.telemetry.process_table import Process, ProcessTable, proportional


def test_a_process_is_read_whatever_its_name_holds() -> None:
    script = "import sys; open('/proc/self/comm', 'w').write(') R 1 ('); print(); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        read = Process.read(child.pid)
        assert (read.pid, read.parent) == (child.pid, os.getpid())
        assert 0 < read.born <= time.clock_gettime(time.CLOCK_BOOTTIME)
        assert 1_000_000 < proportional(child.pid) < read.resident < 1_000_000_000
        child.communicate(b"")


def test_a_family_has_all_descendants() -> None:
    table = ProcessTable(
        Process(pid=pid, parent=parent, cpu=0.0, born=0.0, resident=0)
        for pid, parent in ((2, 1), (3, 2), (4, 3), (5, 1), (6, 9))
    )
    assert [one.pid for one in table.families([2])] == [2, 3, 4]
    assert [one.pid for one in table.families([3, 5, 9])] == [3, 4, 5, 6]
    assert table.families([7]) == ()


def test_the_table_has_everybody() -> None:
    (ourselves, *_) = ProcessTable.read().families([os.getpid()])
    assert (ourselves.pid, ourselves.parent) == (os.getpid(), os.getppid())


def test_who_has_ended_cannot_be_read() -> None:
    with subprocess.Popen(["true"]) as child:
        child.wait()
    for read in (Process.read, proportional):
        with pytest.raises(OSError, match=r"."):
            read(child.pid)
