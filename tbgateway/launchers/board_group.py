"""One board's control group: what its processes may use together, and how they are ended."""

import errno
import time
from contextlib import suppress
from pathlib import Path

from tbgateway.domain.memory import over_limit

_GONE_WITHIN = 5.0  # seconds; longer only in an uninterruptible wait for a disk
_LOOK_EVERY = 0.01  # seconds
_MOST_PROCESSES = 1024  # threads count; TensorBoard and its data server have some dozens
_HEADROOM = 1.25
_FAIR_SHARE = 100  # the kernel's default; the gateway has more


class BoardGroup:
    """A group of its own for a generation of a board, as a directory that exists."""

    def __init__(self, directory: Path, memory: int = 0) -> None:
        """`memory` is the board's limit in bytes, 0 for none."""
        self.directory = directory
        self._memory = memory
        self._most = int(memory * _HEADROOM)

    def __repr__(self) -> str:
        """Tell where it is."""
        return f"<BoardGroup {self.directory}>"

    def limit(self) -> tuple[str, ...]:
        """Write down what the processes may use; return the limits that the kernel refused.

        Above `memory.high` the board is slowed down and loses its cached files first, while the
        gateway measures it and says what is wrong; what outgrows that within moments ends at
        `memory.max`. It is not swapped: that would slow down everybody. Nobody's processors stand
        still for it: `cpu.weight` counts only while there are not enough for all.
        """
        limits = {
            "memory.high": self._memory or "max",
            "memory.max": self._most or "max",
            "memory.swap.max": 0,
            "memory.oom.group": 1,
            "cpu.weight": _FAIR_SHARE,
            "pids.max": _MOST_PROCESSES,
        }
        return tuple(name for name, value in limits.items() if not self._write(name, value))

    def over_memory(self) -> str:
        """Say so if the kernel ended the processes because they took too much memory, else "".

        Not if they only were chosen when memory ended elsewhere: then none of their own limits
        was reached, which the kernel counts as `oom`.
        """
        events = self._events("memory.events")
        if not (events.get("oom_kill") and events.get("oom")):
            return ""
        return over_limit(self._number("memory.peak") or self._most, self._memory)

    def kill(self) -> None:
        """Kill every process in it, those included that left the board's process group."""
        self._write("cgroup.kill", 1)  # Linux 5.14; before, the board's parent finds them

    def change_limit(self, memory: int) -> tuple[str, ...]:
        """Let its processes take `memory` bytes from now on; return what the kernel refused."""
        self._memory, self._most = memory, int(memory * _HEADROOM)
        return self.limit()

    def remove(self, within: float = _GONE_WITHIN) -> bool:
        """Kill what is left in it, wait for the end, remove it; return whether it is gone.

        That takes no longer than `within` seconds.
        """
        self.kill()
        deadline = time.monotonic() + within
        while not self._removed():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_EVERY)
        return True

    def _removed(self) -> bool:
        try:
            self.directory.rmdir()
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            return False
        return True

    def _write(self, name: str, value: int | str) -> bool:
        try:
            (self.directory / name).write_text(str(value))
        except OSError:
            return False
        return True

    def _events(self, name: str) -> dict[str, int]:
        try:
            lines = (self.directory / name).read_text().splitlines()
            return {key: int(count) for key, _, count in (line.partition(" ") for line in lines)}
        except (OSError, ValueError):
            return {}

    def _number(self, name: str) -> int:
        with suppress(OSError, ValueError):
            return int((self.directory / name).read_text())
        return 0
