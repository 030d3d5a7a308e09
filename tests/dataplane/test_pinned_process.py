"""Whether a number still is the process that connected, with and without the kernel's help."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tbgateway.dataplane.pinned_process import pinned

CONNECT = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); input()"


class _BeforeLinux65(socket.socket):
    def getsockopt(self, level: int, option: int, length: int = 0) -> int | bytes:
        if option == 77:
            raise OSError(errno.ENOPROTOOPT, os.strerror(errno.ENOPROTOOPT))
        return super().getsockopt(level, option, length)


@pytest.mark.parametrize("kind", [socket.socket, _BeforeLinux65])
def test_a_process_is_there_until_it_ends(
    tmp_path_factory: pytest.TempPathFactory, kind: type[socket.socket]
) -> None:
    path = str(tmp_path_factory.mktemp("p") / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        child = subprocess.Popen([sys.executable, "-c", CONNECT, path], stdin=subprocess.PIPE)
        connected = kind(fileno=listening.accept()[0].detach())
    with child, connected, pinned(connected, child.pid) as is_still_there:
        assert is_still_there()
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not is_still_there(), "it ended, whether or not its parent has noticed"
        child.wait()
        assert not is_still_there()


def test_who_was_gone_before_is_not_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("p") / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        command = [sys.executable, "-c", CONNECT, path]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as gone:
            connected = _BeforeLinux65(fileno=listening.accept()[0].detach())
    with connected, pinned(connected, gone.pid) as is_still_there:
        assert not Path(f"/proc/{gone.pid}").exists()
        assert not is_still_there()
