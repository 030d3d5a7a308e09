"""A network of its own for a board, so that its data server's port is nobody else's.

Must run while the process has one thread: the kernel refuses a user namespace otherwise, and
capabilities are a thread's own.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tbgateway.worker import kernel, loopback


@dataclass(frozen=True, slots=True)
class Network:
    """Where the process stands: in a `private` network, on the host's, or in one without loopback.

    `usable` is whether 127.0.0.1 can be used at all; `problem` says why it is not private;
    `own_users` is whether a user namespace of its own came with it.
    """

    private: bool
    usable: bool
    problem: str = ""
    own_users: bool = False


def enter_private_network(*, as_root: bool | None = None) -> Network:
    """Leave the host's network; never raise. `as_root` is found out unless it is given."""
    if as_root is None:
        as_root = os.geteuid() == 0
    try:
        own_users = _unshare(as_root=as_root)
    except OSError as error:
        return Network(private=False, usable=True, problem=f"unshare: {error.strerror}")
    try:
        kernel.raise_loopback()
    except OSError as error:
        return Network(private=False, usable=False, problem=f"loopback: {error.strerror}")
    with suppress(OSError):  # only haste: where netlink is forbidden, answers take 40 ms longer
        loopback.acknowledge_at_once()
    return Network(private=True, usable=True, own_users=own_users)


def drop_privileges() -> None:
    """Give up every capability for good.

    A board run by root keeps the right to read: event files belong to whoever trained.
    """
    kernel.forbid_new_privileges()
    kernel.keep_capabilities(*_needed_capabilities())


def _needed_capabilities() -> tuple[int, ...]:
    return (kernel.CAP_DAC_READ_SEARCH,) if os.geteuid() == 0 else ()


def _unshare(*, as_root: bool) -> bool:
    """Return whether that took a user namespace."""
    if as_root:
        try:
            kernel.unshare(kernel.CLONE_NEWNET)
        except OSError:
            pass  # root without CAP_SYS_ADMIN, in a container: try it the ordinary user's way
        else:
            return False
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET)
    _map_identity(user, group)
    return True


def _map_identity(user: int, group: int) -> None:
    # Without the map every file seems to be nobody's; everything works all the same.
    try:
        Path("/proc/self/setgroups").write_bytes(b"deny")
        Path("/proc/self/uid_map").write_bytes(b"%d %d 1" % (user, user))
        Path("/proc/self/gid_map").write_bytes(b"%d %d 1" % (group, group))
    except OSError:
        return
