import os
import subprocess
import sys

import pytest

from tbgateway.dataplane.local_peers import LocalPeers, descends_from
from tbgateway.domain.errors import DeniedError
from tbgateway.domain.model import LocalOperator


def test_the_own_user_and_root_are_operators() -> None:
    peers = LocalPeers(1000, lambda _pid: False)

    assert peers.admit(1000, 7) == LocalOperator(1000)
    assert peers.admit(0, 7) == LocalOperator(0)


@pytest.mark.parametrize(("uid", "pid"), [(1001, 7), (None, None), (1000, None), (65534, 7)])
def test_others_are_not(uid: int | None, pid: int | None) -> None:
    with pytest.raises(DeniedError):
        LocalPeers(1000, lambda _pid: False).admit(uid, pid)


def test_board_processes_are_not_either() -> None:
    with pytest.raises(DeniedError):
        LocalPeers(1000, lambda pid: pid == 7).admit(1000, 7)


def test_root_is_no_board_of_an_ordinary_user_even_if_its_process_is_hidden() -> None:
    assert LocalPeers(1000, lambda _pid: True).admit(0, 7) == LocalOperator(0)
    with pytest.raises(DeniedError):
        LocalPeers(0, lambda _pid: True).admit(0, 7)


def test_descent_is_seen_through_generations() -> None:
    grandchild = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    tell = "import os; print(os.getpid(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", grandchild, tell],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        pid = int(child.stdout.readline())
        assert pid != child.pid
        assert descends_from(lambda: [child.pid])(pid)
        assert descends_from(lambda: [pid])(pid)
        assert descends_from(lambda: [os.getpid()])(pid)
        assert not descends_from(lambda: [child.pid])(os.getpid())
        assert not descends_from(list)(pid)
        child.communicate("\n")

    assert descends_from(list)(pid), "who is gone cannot be cleared"
