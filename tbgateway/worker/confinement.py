"""What a board process may touch: it reads logdirs and programs, writes its own TMPDIR, no more.

Event files come from many people. Whatever they make TensorBoard, and what it has imported, do
ends here. A plugin that is imported before, as the forkserver does, is not held by it meanwhile.
"""

import os
import platform
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tbgateway.worker import landlock
from tbgateway.worker.landlock import Right, Rule

_FIRST_TO_GO = 500
"""Of 1000: when memory ends, boards go before the gateway, the forkserver and other services."""
_BEHIND_THE_GATEWAY = 5  # of 19 steps of niceness
_MOST_FILES = 65_536  # open at once; the data server keeps every event file open
_LARGEST_FILE = 256 * 1_048_576  # bytes; a board writes nothing but temporary files
_MOST_PROCESSES = 1024  # threads count; TensorBoard and its data server have some dozens
_PROCESSES_COUNTED_BY_NAMESPACE = (5, 14)

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/nix/store")
_CONFIGURATION = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/ssl/openssl.cnf")
_DEVICES = ("/dev/urandom", "/dev/random", "/dev/zero")
_DYNAMIC_LOADERS = ("lib/ld-*.so*", "lib64/ld-*.so*")  # where every platform's ABI wants them


def go_first_when_memory_ends(adjustment: Path = Path("/proc/self/oom_score_adj")) -> str:
    """Let the kernel end this process before others when memory is short; return why it failed.

    A process whose `adjustment` is higher already keeps it: where somebody with more rights set
    it, nobody else may go below.
    """
    try:
        wanted = max(_FIRST_TO_GO, int(adjustment.read_bytes()))
        adjustment.write_bytes(b"%d" % wanted)
    except OSError as error:
        return f"{adjustment.name}: {error.strerror}"
    return ""


def enter_group(directory: str) -> str:
    """Move this process into a control group, unless that is ""; return why it failed.

    What it starts afterwards is in there, too. Needs a process with one thread.
    """
    try:
        if directory:
            Path(directory, "cgroup.procs").write_bytes(b"0")
    except OSError as error:
        return error.strerror or str(error)
    return ""


def stand_back() -> None:
    """Let the gateway, which answers for all boards, have the processor first."""
    os.nice(_BEHIND_THE_GATEWAY)


def limit_resources(*, own_users: bool) -> None:
    """Limit files and processes.

    `own_users` is whether the process has a user namespace of its own: only there are its
    processes counted apart from those of all boards together.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _MOST_FILES)
    _lower(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    if own_users and _kernel() >= _PROCESSES_COUNTED_BY_NAMESPACE:
        _lower(resource.RLIMIT_NPROC, _MOST_PROCESSES)


def confine(
    *,
    readable: Iterable[str],
    writable: str,
    executable: str | None,
    multiprocessing: bool = False,
) -> str:
    """Give up all files but these, and what Python and TensorBoard need; return why it failed.

    `readable` and `writable` mean directories with everything beneath, `executable` is the one
    program that may be started; `multiprocessing` adds what Python's module of that name needs:
    the interpreter, and /dev/shm. Links leading elsewhere then fail with EACCES. Needs a process
    with one thread that has forbidden itself new privileges.
    """
    try:
        rules = (*_rules(readable, writable, executable), *_helpers(multiprocessing))
        landlock.restrict(rules)
    except OSError as error:
        return landlock.explain(error)
    return ""


def look_around() -> None:
    """Find out, once for all processes forked from this one, what is the same for all of them."""
    _programs_of_python()
    _dynamic_loaders()
    _kernel()


def _rules(readable: Iterable[str], writable: str, executable: str | None) -> Iterator[Rule]:
    for path in (*readable, *_programs_of_python(), *_CONFIGURATION, *_DEVICES, "/proc/self"):
        yield path, Right.READ
    yield os.devnull, Right.READ | Right.WRITE_FILE
    yield writable, Right.READ | Right.CHANGE
    if executable is not None:
        for program in (executable, *_dynamic_loaders()):
            yield program, Right.READ_FILE | Right.EXECUTE


def _helpers(wanted: bool) -> Iterator[Rule]:  # noqa: FBT001 - the whole question
    if wanted:
        yield "/dev/shm", Right.READ | Right.CHANGE  # noqa: S108 - where semaphores live  # nosec
        for program in (os.path.realpath(sys.executable), *_dynamic_loaders()):
            yield program, Right.READ_FILE | Right.EXECUTE


@cache
def _dynamic_loaders() -> tuple[str, ...]:
    return tuple(str(path) for pattern in _DYNAMIC_LOADERS for path in Path("/").glob(pattern))


@cache
def _programs_of_python() -> tuple[str, ...]:
    """Return where programs, modules and their data lie: some are needed only later."""
    paths = {sys.prefix, sys.base_prefix, *(path for path in sys.path if path), *_SYSTEM}
    return tuple(_topmost({os.path.realpath(path) for path in paths if os.path.exists(path)}))  # noqa: PTH110 - realpath is of os.path, too


def _topmost(paths: set[str]) -> Iterator[str]:
    """Yield those that are not beneath another: each rule costs every board's start."""
    for path in paths:
        if paths.isdisjoint(map(str, Path(path).parents)):
            yield path


def _lower(limit: int, most: int) -> None:
    _, hard = resource.getrlimit(limit)
    lowered = most if hard == resource.RLIM_INFINITY else min(hard, most)
    resource.setrlimit(limit, (lowered, lowered))


@cache
def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
