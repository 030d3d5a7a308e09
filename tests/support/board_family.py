"""A board's processes, and what the kernel says about them."""

from contextlib import suppress
from pathlib import Path

import psutil

READ_SEARCH = 1 << 2  # CAP_DAC_READ_SEARCH
_LISTENING = "0A"  # the state LISTEN in /proc/net/tcp


def family(pid: int) -> list[psutil.Process]:
    """Return the board's process and its data server's, if it has one."""
    board = psutil.Process(pid)
    return [board, *board.children(recursive=True)]


def listening_inodes(pid: int | str = "self") -> set[str]:
    """Return the inodes of the TCP listeners in a process's network."""
    return {
        fields[9]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
        if (fields := line.split())[3] == _LISTENING
    }


def held_sockets(*processes: psutil.Process) -> set[str]:
    """Return the inodes of the sockets that the processes hold."""
    inodes = set()
    for process in processes:
        for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                inodes.add(str(descriptor.readlink()))
    return {inode[8:-1] for inode in inodes if inode.startswith("socket:[")}


def capabilities(process: psutil.Process) -> int:
    """Return the capabilities a process may use, as a bit mask."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("CapPrm:")[1].split()[0], 16)


def ended(process: psutil.Process) -> bool:
    """Whether a process is over, even if nobody has taken notice yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
