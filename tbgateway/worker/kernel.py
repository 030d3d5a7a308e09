"""The Linux calls that Python 3.11 has no function for, and one reading of /proc."""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import time
from pathlib import Path

from tbgateway.worker.spare_descriptor import SpareDescriptor

CLONE_NEWUSER = 0x1000_0000
CLONE_NEWNET = 0x4000_0000
CAP_DAC_READ_SEARCH = 2

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_LINUX_CAPABILITY_VERSION_3 = 0x2008_0522
_CPUCLOCK_SCHED = 2
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
_INTERFACE_REQUEST = "16sh14x"  # struct ifreq: a name and its flags

_SPARE = SpareDescriptor()

# Loaded here, so that nothing has to be looked up between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def system_call(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call that the C library has no function for; raise OSError if it fails."""
    result: int = _LIBC.syscall(ctypes.c_long(number), *map(_as_register, arguments))
    _checked(result)
    return result


def _as_register(argument: int | bytes | None) -> object:
    """Fill the whole register: what is passed as a C int leaves its upper half undefined."""
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _prctl(option: int, value: int | bytes) -> None:
    argument = ctypes.c_ulong(value) if isinstance(value, int) else ctypes.c_char_p(value)
    zero = ctypes.c_ulong(0)
    _checked(_LIBC.prctl(ctypes.c_int(option), argument, zero, zero, zero))


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that made it ends.

    End at once if `parent`, the pid of the process that made it, is gone already: the kernel
    sends nothing for a death before the call.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose parent ends, instead of init."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def set_name(name: str) -> None:
    """Show `name` (its first 15 bytes) as the process's name in ps and top."""
    _prctl(_PR_SET_NAME, name.encode())


def forbid_new_privileges() -> None:
    """Let no later exec gain privileges, by set-uid bits or by being root."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def unshare(flags: int) -> None:
    """Leave the namespaces named by the CLONE_NEW… `flags`; raise OSError if refused."""
    _checked(_LIBC.unshare(ctypes.c_int(flags)))


def keep_capabilities(*kept: int) -> None:
    """Drop every capability but those of `kept` (numbers below 32) that this thread has."""
    mask = sum(1 << capability for capability in kept)
    header = struct.pack("=Ii", _LINUX_CAPABILITY_VERSION_3, 0)
    effective, permitted, _ = _capabilities(header)
    data = struct.pack("=6I", effective & mask, permitted & mask, 0, 0, 0, 0)
    _checked(_LIBC.capset(header, data))


def _capabilities(header: bytes) -> tuple[int, int, int]:
    data = ctypes.create_string_buffer(24)
    _checked(_LIBC.capget(header, data))
    effective, permitted, inheritable = struct.unpack_from("=3I", data.raw)
    return effective, permitted, inheritable


def raise_loopback() -> None:
    """Switch the loopback interface of this network namespace on; raise OSError if refused."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack(_INTERFACE_REQUEST, b"lo", 0)
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request)
        name, flags = struct.unpack(_INTERFACE_REQUEST, answer)
        fcntl.ioctl(
            any_socket, _SIOCSIFFLAGS, struct.pack(_INTERFACE_REQUEST, name, flags | _IFF_UP)
        )


def thread_count() -> int:
    """Return how many threads this process has, those that Python does not know included."""
    return len(list(Path("/proc/self/task").iterdir()))


def started_at(pid: int) -> int:
    """Return when process `pid` was started, in clock ticks since boot; 0 if there is none.

    With the pid it names one process for ever: pids are used again, start times are not.
    """
    fields = _stat_fields(pid)
    return int(fields[19]) if fields else 0


def cpu_seconds(pid: int) -> float:
    """Return how many seconds of CPU process `pid` has used; 0.0 if there is none.

    Its clock's number is made as clock_getcpuclockid(3) makes it. Needs no /proc of another.
    """
    try:
        return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
    except OSError:
        return 0.0


def is_over(pid: int) -> bool:
    """Whether process `pid` has ended, whether or not its parent has taken notice."""
    fields = _stat_fields(pid)
    return not fields or fields[0] in {"Z", "X"}


def children() -> frozenset[int]:
    """Return the processes whose parent this one is, those that have ended included."""
    own = str(os.getpid())
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return frozenset(pid for pid in pids if _stat_fields(pid)[1:2] == [own])


def kill_children(*, besides: frozenset[int]) -> None:
    """Kill all children `besides` these, with all that they have started, and wait for them.

    Needs a process that adopts orphans.
    """
    while left := children() - besides:
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)  # its own children, if it has any, are ours after this


def _stat_fields(pid: int) -> list[str]:
    # proc(5): "pid (name) state ppid …"; the name may hold anything, so count from its end.
    try:
        text = _SPARE.read(f"/proc/{pid}/stat").decode(errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
