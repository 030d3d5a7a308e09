"""Who is at the other end of the control socket.

That is judged once, when the connection is made: the kernel names the process that made it, by a
number that can be another's as soon as that one has ended.
"""

import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

from tbgateway.dataplane.board_marks import board_mark
from tbgateway.dataplane.pinned_process import pinned
from tbgateway.domain.errors import DeniedError
from tbgateway.domain.model import LocalOperator

_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid
_ROOT = 0


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who is not let in; `detail` is what they are told."""

    detail: str


Verdict = LocalOperator | Stranger
"""Who is at the other end of a connection, for as long as it lasts."""

GONE = Stranger(
    "This process may not use the control socket: it has ended, or the gateway cannot look at it."
)
UNKNOWN = Stranger("The control socket is for the gateway's own user and root.")


class LocalPeers:
    """Lets the gateway's own user and root in, but no board process: those run as the former."""

    def __init__(self, own_uid: int, is_board_process: Callable[[int], bool]) -> None:
        self._own_uid = own_uid
        self._is_board_process = is_board_process

    def judge(self, connected: socket.socket) -> Verdict:
        """Tell who made this connection, as far as the kernel still knows."""
        packed = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        pid, uid, _ = _CREDENTIALS.unpack(packed)
        if not self.may_be_operator(uid):
            return UNKNOWN
        # Root's processes may be hidden from us, as by ProtectProc=; only ours can be boards.
        if uid != self._own_uid:
            return LocalOperator(uid)
        try:
            with pinned(connected, pid) as is_still_there:
                flaw = self._flaw(pid)
                if not is_still_there():
                    return GONE
        except (OSError, ValueError):  # the latter: what /proc says ends in the middle
            return GONE
        return LocalOperator(uid) if flaw is None else _refused(flaw)

    def may_be_operator(self, uid: int) -> bool:
        """Whether any process of this user may be let in."""
        return uid in {self._own_uid, _ROOT}

    def _flaw(self, pid: int) -> str | None:
        mark = board_mark(pid)
        if mark is None and self._is_board_process(pid):
            return "it was started by a board"
        return mark


def operator(verdict: Verdict) -> LocalOperator:
    """Return the operator; raise DeniedError for a stranger."""
    if isinstance(verdict, LocalOperator):
        return verdict
    raise DeniedError(
        verdict.detail,
        hint="Use the gateway's URL and an API token.",
        command="tbgateway login URL --token-stdin",
    )


def _refused(flaw: str) -> Stranger:
    return Stranger(f"This process may not use the control socket, as no board may: {flaw}.")


def descends_from(ancestors: Callable[[], Iterable[int]]) -> Callable[[int], bool]:
    """Return a test whether a process is one of `ancestors` or descends from one.

    A process that cannot be looked at any more counts as one: nobody can say that it is not.
    """

    def descends(pid: int) -> bool:
        roots = frozenset(ancestors())
        try:
            lineage = psutil.Process(pid).parents()
        except psutil.Error:
            return True
        return pid in roots or any(process.pid in roots for process in lineage)

    return descends
