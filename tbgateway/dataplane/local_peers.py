"""Who is at the other end of the control socket."""

from collections.abc import Callable, Iterable

import psutil

from tbgateway.domain.errors import DeniedError
from tbgateway.domain.model import LocalOperator

_ROOT = 0


class LocalPeers:
    """Lets the gateway's own user and root in, but no board process: those run as the former."""

    def __init__(self, own_uid: int, is_board_process: Callable[[int], bool]) -> None:
        self._own_uid = own_uid
        self._is_board_process = is_board_process

    def admit(self, uid: int | None, pid: int | None) -> LocalOperator:
        """Return the operator at the other end of the socket; raise DeniedError."""
        if uid is None or pid is None or uid not in {self._own_uid, _ROOT}:
            raise DeniedError(
                "The control socket is for the gateway's own user and root.",
                hint="Use the gateway's URL and an API token.",
                command="tbgateway login URL --token-stdin",
            )
        # Root's processes may be hidden from us, as by ProtectProc=; only ours can be boards.
        if uid == self._own_uid and self._is_board_process(pid):
            raise DeniedError("Boards may not give orders to the gateway.")
        return LocalOperator(uid)


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
