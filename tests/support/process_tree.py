"""What the processes of a gateway are and what they hold."""

from pathlib import Path

import psutil
from running_gateway import RunningGateway, eventually


def processes(gateway: RunningGateway) -> list[psutil.Process]:
    """Return the gateway's process and all its descendants."""
    assert gateway.process is not None
    own = psutil.Process(gateway.process.pid)
    return [own, *own.children(recursive=True)]


def descendants(gateway: RunningGateway) -> list[psutil.Process]:
    """Return the processes the gateway started, and theirs."""
    return processes(gateway)[1:]


def socket_inodes(process: psutil.Process) -> set[str]:
    """Return the inodes of the sockets a process holds."""
    try:
        links = [str(link.readlink()) for link in Path(f"/proc/{process.pid}/fd").iterdir()]
    except OSError:
        return set()
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def unix_sockets(below: Path) -> dict[str, str]:
    """Return the path of every bound unix socket below a directory, by inode."""
    fields = (line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:])
    return {one[6]: one[7] for one in fields if len(one) > 7 and one[7].startswith(f"{below}/")}


def board_processes(gateway: RunningGateway) -> list[psutil.Process]:
    """Return the processes that hold a generation's socket.

    The forkserver, a child of the gateway, holds one too for the moment of forking: it is none.
    """
    boards = {i for i, path in unix_sockets(gateway.home / "run").items() if "/tb" in path}
    forked = set(descendants(gateway)) - set(processes(gateway)[0].children())
    return [one for one in forked if boards & socket_inodes(one)]


def assert_gone(processes: list[psutil.Process]) -> None:
    """Raise AssertionError unless all of them end soon; a zombie has ended."""

    def alive() -> list[psutil.Process]:
        return [one for one in processes if one.is_running() and one.status() != "zombie"]

    eventually(lambda: not alive(), what=f"gone: {processes}", within=10, every=0.02)
