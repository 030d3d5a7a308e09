import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tbgateway.dataplane.local_peers import (
    GONE,
    UNKNOWN,
    LocalPeers,
    Stranger,
    Verdict,
    descends_from,
    operator,
)
from tbgateway.domain.errors import DeniedError
from tbgateway.domain.model import LocalOperator

OWN = os.getuid()

CONNECT = """
import os, socket, sys
connected = socket.socket(socket.AF_UNIX)
connected.connect(sys.argv[1])
print(os.getpid(), flush=True)
sys.stdin.readline()
"""
"""Connects to the socket it is given, and stays until it reads a line."""

IN_THE_BACKGROUND = """
import os, subprocess, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
    os._exit(0)
os.wait()
"""
"""Runs Python with its arguments, as a process whose parents have ended."""

PASS_ON = """
import socket, sys
connected = socket.socket(socket.AF_UNIX)
connected.connect(sys.argv[1])
with socket.socket(fileno=int(sys.argv[2])) as channel:
    socket.send_fds(channel, [b"x"], [connected.fileno()])
"""
"""Connects, hands the connection to whoever is at the other end of a channel, and ends."""


def no_board(_pid: int) -> bool:
    return False


@pytest.fixture
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path_factory.mktemp("c") / "s"))
        listening.listen()
        listening.settimeout(30)
        yield listening


def accepted(control: socket.socket) -> socket.socket:
    return control.accept()[0]


@contextmanager
def connection_of(control: socket.socket, *command: str) -> Iterator[tuple[socket.socket, int]]:
    """Yield the connection that Python, run by `command`, makes to `control`; and whose it is."""
    path = control.getsockname()
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                [*command, "-c", CONNECT, path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        line = process.stdout.readline()
        if not line:
            pytest.fail(process.stderr.read())
        yield stack.enter_context(accepted(control)), int(line)
        process.communicate("\n")


def judged(connected: socket.socket, is_board: Callable[[int], bool] = no_board) -> Verdict:
    return LocalPeers(OWN, is_board).judge(connected)


def reason(verdict: Verdict) -> str:
    assert isinstance(verdict, Stranger), verdict
    return verdict.detail


def test_only_the_own_user_and_root_can_be_operators() -> None:
    peers = LocalPeers(1000, no_board)

    assert [uid for uid in (0, 1, 999, 1000, 1001, 65534) if peers.may_be_operator(uid)] == [
        0,
        1000,
    ]


def test_a_stranger_is_told_what_to_do_instead() -> None:
    assert operator(LocalOperator(7)) == LocalOperator(7)
    with pytest.raises(DeniedError, match="own user and root") as refused:
        operator(UNKNOWN)
    assert refused.value.command == "tbgateway login URL --token-stdin"


def test_an_ordinary_process_of_the_own_user_is_an_operator(control: socket.socket) -> None:
    with connection_of(control, sys.executable) as (connected, _):
        assert judged(connected) == LocalOperator(OWN)


def test_what_a_board_started_is_none(control: socket.socket) -> None:
    with connection_of(control, sys.executable) as (connected, pid):
        assert "started by a board" in reason(judged(connected, lambda other: other == pid))


def test_whose_parents_have_ended_is_known_by_what_it_cannot_shed(control: socket.socket) -> None:
    orphan = (sys.executable, "-c", IN_THE_BACKGROUND)
    with connection_of(control, *orphan) as (connected, pid):
        assert not descends_from(lambda: [os.getpid()])(pid), "its descent tells nothing"
        assert judged(connected) == LocalOperator(OWN)
    with connection_of(control, "setpriv", "--no-new-privs", *orphan) as (connected, _):
        assert "no_new_privs" in reason(judged(connected))


def test_where_all_else_is_equal_the_largest_file_tells(control: socket.socket) -> None:
    limited = ("prlimit", "--fsize=268435456:268435456", sys.executable)
    with connection_of(control, *limited) as (connected, _):
        assert "RLIMIT_FSIZE" in reason(judged(connected))
    softly = ("prlimit", "--fsize=268435456:", sys.executable)
    with connection_of(control, *softly) as (connected, _):
        assert judged(connected) == LocalOperator(OWN), "it can raise that by itself"


@pytest.mark.parametrize(
    ("kinds", "why"), [("-rn", "another network"), ("-r", "another user namespace")]
)
def test_a_process_in_other_namespaces_is_none(
    control: socket.socket, kinds: str, why: str
) -> None:
    if subprocess.run(["unshare", kinds, "true"], capture_output=True, check=False).returncode:
        pytest.skip("namespaces are not allowed on this machine")
    with connection_of(control, "unshare", kinds, sys.executable) as (connected, _):
        assert why in reason(judged(connected))


def test_a_connection_that_was_handed_on_is_nobodys_once_its_maker_has_ended(
    control: socket.socket,
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = theirs.fileno()
        command = [sys.executable, "-c", PASS_ON, control.getsockname(), str(channel)]
        subprocess.run(command, pass_fds=[channel], check=True, timeout=30)
        _, (descriptor,), *_ = socket.recv_fds(ours, 1, 1)
    with closing(socket.socket(fileno=descriptor)), accepted(control) as connected:
        assert judged(connected) == GONE


def test_who_ends_while_being_looked_at_is_none(control: socket.socket) -> None:
    with ExitStack() as running:
        connected, pid = running.enter_context(connection_of(control, sys.executable))

        def end_meanwhile(_pid: int) -> bool:
            running.close()
            return False

        # As if the number were another's by now: nothing else speaks against it.
        with connected.dup() as kept:
            assert judged(kept, end_meanwhile) == GONE
        assert not Path(f"/proc/{pid}").exists()


def test_another_root_is_not_looked_at_because_it_may_be_hidden(control: socket.socket) -> None:
    if OWN != 0:
        pytest.skip("becoming another user needs root")
    with connection_of(control, "setpriv", "--no-new-privs", sys.executable) as (connected, _):
        assert LocalPeers(1000, lambda _pid: True).judge(connected) == LocalOperator(0)
        assert isinstance(LocalPeers(0, no_board).judge(connected), Stranger)


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
