"""The control groups of all boards, below the gateway's own, where that is delegated to it."""

import os
from contextlib import suppress
from pathlib import Path

import structlog

from tbgateway.launchers import cgroups
from tbgateway.launchers.board_group import BoardGroup
from tbgateway.launchers.cgroups import GATEWAY, NotDelegatedError
from tbgateway.worker import kernel

log = structlog.get_logger(__name__)

_BOARDS = "boards"
_WANTED = frozenset({"memory", "cpu", "pids"})
_BEFORE_ALL_BOARDS = 1000  # of cpu.weight, against 100 of all boards together


class BoardGroups:
    """Makes a group for each board that is launched, and removes it afterwards.

    `proc` describes the gateway's process. All methods block: `open`, `remove` and `close` for 5 s
    at most per board that does not end, the others for as long as the kernel takes to write.
    """

    def __init__(self, proc: Path = Path("/proc/self")) -> None:
        self._proc = proc
        self._own: Path | None = None
        self._made: dict[str, BoardGroup] = {}
        self._enabled: frozenset[str] = frozenset()

    def open(self) -> None:
        """Move this process out of the way and clear up what an earlier one left; never raise.

        Where there can be no groups, boards do without: the log says why.
        """
        try:
            own = cgroups.delegated_group(self._proc)
            self._take(own)
        except NotDelegatedError as error:
            log.info("boards have no control groups of their own", reason=str(error))
        except OSError as error:
            log.warning("boards have no control groups of their own", reason=str(error))
        else:
            self._own = own
            limits = sorted(self._enabled)
            log.info("boards have control groups of their own", group=str(own), limits=limits)

    def make(self, name: str, memory: int) -> str:
        """Make the group `name` for processes that may take `memory` bytes; return where it is.

        "" means that there is none. What is left of older groups of the same board is killed, and
        removed unless it takes a moment to die: then by the next call, since others wait for this.
        """
        if self._own is None:
            return ""
        boards = self._own / _BOARDS
        try:
            self._sweep(boards, _board(name))
            (boards / name).mkdir()
        except OSError as error:
            log.warning("a board without a control group", launch=name, reason=str(error))
            return ""
        group = self._made[name] = BoardGroup(boards / name, memory)
        log.debug("a board's control group was made", launch=name, without=group.limit())
        return str(group.directory)

    def limit(self, memory: int) -> None:
        """Let each group that there is take `memory` bytes from now on, 0 for no limit."""
        for name, group in list(self._made.items()):
            log.debug(
                "a board's limits were changed", launch=name, without=group.change_limit(memory)
            )

    def over_memory(self, name: str) -> str:
        """Say so if the kernel ended that group because it took too much memory, else ""."""
        group = self._made.get(name)
        return "" if group is None else group.over_memory()

    def abandon(self, name: str) -> None:
        """Kill what is in that group, without waiting for the end."""
        group = self._made.pop(name, None)
        if group is not None:
            group.kill()

    def remove(self, name: str) -> None:
        """Kill what is left in that group, and remove it."""
        group = self._made.pop(name, None)
        if group is not None:
            _remove(group)

    def close(self) -> None:
        """Kill what is left in any board's group and remove them all; the gateway's own stays."""
        if self._own is None:
            return
        own, self._own = self._own, None
        try:
            _clear(own / _BOARDS)
            (own / _BOARDS).rmdir()
            cgroups.disable(own, self._enabled)
        except OSError as error:
            log.warning("control groups are left behind", reason=str(error))

    def _sweep(self, boards: Path, board: str) -> None:
        for entry in list(os.scandir(boards)):
            if entry.is_dir() and _board(entry.name) == board and entry.name not in self._made:
                with suppress(OSError):  # it is told when the gateway ends, if it is there still
                    BoardGroup(Path(entry.path)).remove(within=0)

    def _take(self, own: Path) -> None:
        _make_room(own)
        self._enabled = cgroups.controllers(own) & _WANTED
        cgroups.enable(own, self._enabled)
        boards = own / _BOARDS
        boards.mkdir(exist_ok=True)
        _clear(boards)
        cgroups.enable(boards, self._enabled)
        if "cpu" in self._enabled:
            (own / GATEWAY / "cpu.weight").write_text(str(_BEFORE_ALL_BOARDS))


def _make_room(own: Path) -> None:
    """Move this process and its children into a group of their own; raise NotDelegatedError."""
    inside = cgroups.members(own)
    ours = {os.getpid()} | kernel.children()
    if inside - ours:
        raise NotDelegatedError(f"{own} holds other processes as well")
    (own / GATEWAY).mkdir(exist_ok=True)
    cgroups.move(own / GATEWAY, inside)


def _board(launch: str) -> str:
    return launch.rpartition(".")[0]


def _clear(boards: Path) -> None:
    for entry in list(os.scandir(boards)):
        if entry.is_dir():
            _remove(BoardGroup(Path(entry.path)))


def _remove(group: BoardGroup) -> None:
    try:
        gone = group.remove()
    except OSError as error:
        log.warning("a control group cannot be removed", group=str(group), reason=str(error))
    else:
        if not gone:
            log.warning("killed processes of a board are still there", group=str(group))
