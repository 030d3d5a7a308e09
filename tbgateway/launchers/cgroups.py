"""Where the kernel lets us make control groups (version 2) for the boards, if anywhere.

A process is in one group, and all groups are one tree of directories. A group is delegated when
whoever made it leaves all below it to us: systemd does with `Delegate=`, containers with theirs.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

GATEWAY = "gateway"
"""The group that the gateway moves into: a group with limited ones below holds no processes."""
_UNIFIED = "0"  # the number of the one tree of version 2 in /proc/self/cgroup
_FILE_SYSTEM = "cgroup2"
_MARKS = ("user.delegate", "trusted.delegate")  # systemd's; an ordinary user sees the first only


class NotDelegatedError(Exception):
    """No groups can be made for boards; the text says why."""


def delegated_group(proc: Path = Path("/proc/self")) -> Path:
    """Return the group that is left to us, as a directory; raise NotDelegatedError.

    It holds the process that `proc` describes, or did until that moved into GATEWAY below it.
    """
    own = _directory(proc)
    group = own.parent if own.name == GATEWAY and _is_delegated(own.parent) else own
    if not _is_delegated(group):
        raise NotDelegatedError(f"{group} is not delegated to this process")
    if not os.access(group / "cgroup.subtree_control", os.W_OK):
        raise NotDelegatedError(f"{group} is read-only")
    return group


def members(group: Path) -> frozenset[int]:
    """Return the processes in a group itself; 0 stands for those that we cannot see."""
    return frozenset(map(int, (group / "cgroup.procs").read_text().split()))


def controllers(group: Path) -> frozenset[str]:
    """Return what the kernel can limit below a group, such as `memory`."""
    return frozenset((group / "cgroup.controllers").read_text().split())


def enable(group: Path, wanted: Iterable[str]) -> None:
    """Have groups right below `group` limited by the controllers `wanted`; raise OSError."""
    _control(group, "+", wanted)


def disable(group: Path, present: Iterable[str]) -> None:
    """End that, so that `group` may hold processes again; raise OSError."""
    _control(group, "-", present)


def move(group: Path, pids: Iterable[int]) -> None:
    """Move processes into a group; raise OSError. What has ended by now is left out."""
    for pid in pids:
        with suppress(ProcessLookupError):
            (group / "cgroup.procs").write_text(str(pid))


def _control(group: Path, sign: str, names: Iterable[str]) -> None:
    text = " ".join(f"{sign}{name}" for name in sorted(names))
    if text:
        (group / "cgroup.subtree_control").write_text(text)


def _directory(proc: Path) -> Path:
    own = _own_path(proc)
    for root, mount in _mounts(proc):
        with suppress(ValueError):  # of this mount another part of the tree is to be seen
            return mount / Path(own).relative_to(root)
    raise NotDelegatedError("control groups of version 2 are not mounted")


def _own_path(proc: Path) -> str:
    try:
        lines = (proc / "cgroup").read_text().splitlines()
    except OSError as error:
        raise NotDelegatedError(f"no control groups: {error.strerror}") from error
    for line in lines:
        number, _, rest = line.partition(":")
        if number == _UNIFIED:
            return rest.partition(":")[2]
    raise NotDelegatedError("the kernel has control groups of version 1 only")


def _mounts(proc: Path) -> Iterator[tuple[str, Path]]:
    """Yield which part of the tree is mounted where."""
    for line in (proc / "mountinfo").read_text().splitlines():
        # proc(5): "36 35 0:30 /root /mount/point options… - type source options"
        fields, _, kind = line.partition(" - ")
        if kind.split()[0] == _FILE_SYSTEM:
            root, point = fields.split()[3:5]
            yield root, Path(point.replace("\\040", " "))


def _is_delegated(group: Path) -> bool:
    """Whether it was left to us on purpose: root may write to groups that are systemd's alone."""
    try:
        owner = group.stat().st_uid
    except OSError:
        return False
    return owner == os.geteuid() != 0 or _is_marked(group) or _is_of_a_container(group)


def _is_of_a_container(group: Path) -> bool:
    """Whether it is all that is to be seen of the tree, without being all of it."""
    return group.is_mount() and (group / "cgroup.type").exists()


def _is_marked(group: Path) -> bool:
    for name in _MARKS:
        with suppress(OSError):
            if os.getxattr(group, name) == b"1":
                return True
    return False
