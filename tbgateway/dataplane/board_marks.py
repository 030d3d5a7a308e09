"""What a board's process gets before it does anything, and can never shed.

A process inherits all of it from its parent and cannot undo it; forking twice, ending the parent
or starting another program changes nothing. An operator's process has none of it.
"""

import math
import os
from pathlib import Path

_NO_NEW_PRIVILEGES = "NoNewPrivs:"
_LARGEST_FILE = "Max file size"


def board_mark(pid: int) -> str | None:
    """Return what `pid` has of a board's process and we have not, in words; None if nothing.

    Raise OSError if it cannot be looked at, as when it has ended or is somebody else's.
    """
    own = os.getpid()
    if _namespace(pid, "net") != _namespace(own, "net"):
        return "it runs in another network than the gateway"
    if _namespace(pid, "user") != _namespace(own, "user"):
        return "it runs in another user namespace than the gateway"
    if _is_without_new_privileges(pid) and not _is_without_new_privileges(own):
        return "it may gain no privileges (no_new_privs), and the gateway may"
    # The last resort where we may gain none either and nobody may have namespaces.
    if _largest_file(pid) < _largest_file(own):
        return "it may write smaller files only than the gateway (RLIMIT_FSIZE)"
    return None


def _namespace(pid: int, kind: str) -> tuple[int, int]:
    found = Path(f"/proc/{pid}/ns/{kind}").stat()
    return found.st_dev, found.st_ino


def _is_without_new_privileges(pid: int) -> bool:
    # The first line holds its name, which may be anything; in it the kernel escapes line breaks.
    return any(line.split() == [_NO_NEW_PRIVILEGES, "1"] for line in _lines(pid, "status"))


def _largest_file(pid: int) -> float:
    """Return the hard limit, which only a privileged process can raise, in bytes."""
    (line,) = (line for line in _lines(pid, "limits") if line.startswith(_LARGEST_FILE))
    hard = line.removeprefix(_LARGEST_FILE).split()[1]  # "Max file size  SOFT  HARD  bytes"
    return math.inf if hard == "unlimited" else int(hard)


def _lines(pid: int, name: str) -> list[str]:
    text = Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
    return text.split("\n")
