"""Which file system a path is on, since SQLite's locks and shared memory need a local one."""

import re
from collections.abc import Callable
from pathlib import Path

from tbgateway.domain.errors import InvalidInputError

FilesystemOf = Callable[[Path], str]
_MOUNTS = Path("/proc/self/mounts")
_NETWORK = frozenset(
    {"afs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.sshfs", "nfs", "nfs4", "smb3"}
)
_ESCAPE = re.compile(r"\\([0-7]{3})")  # how the kernel writes blanks in a mount point


def filesystem_of(path: Path) -> str:
    """Return the type of the file system that `path` is, or would be, on; "" if unknown."""
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    return find_filesystem(path.resolve(), mounts)


def find_filesystem(path: Path, mounts: str) -> str:
    """Return the type of the last and deepest of `mounts` that holds `path`, or ""."""
    deepest, found = -1, ""
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        mounted = Path(_ESCAPE.sub(lambda match: chr(int(match[1], 8)), point))
        if path.is_relative_to(mounted) and len(mounted.parts) >= deepest:
            deepest, found = len(mounted.parts), kind
    return found


def refuse_network_disk(path: Path, kind_of: FilesystemOf) -> None:
    """Raise InvalidInputError if `path` is on a disk that other machines may use too."""
    kind = kind_of(path)
    if kind in _NETWORK:
        raise InvalidInputError(
            f"{path} is on a network file system ({kind}), where a database can be damaged.",
            hint="Put the state on a local disk (--state-dir, or state.dir)."
            " Logdirs may stay on the network.",
        )
