"""What one board uses, from one look at its processes to the next."""

from collections.abc import Callable, Sequence

from tbgateway.telemetry.process_table import Process, proportional


class BoardUsage:
    """Remembers the last look. To be used in one thread at a time.

    Exact memory (PSS) is dear, so it is measured now and then; in between, what the processes
    grew by is added to it. `exact_at` is when it was measured, in seconds since the boot.
    `proportional` measures a process by its pid.
    """

    def __init__(self, proportional: Callable[[int], int] = proportional) -> None:
        self._proportional = proportional
        self.exact_at = float("-inf")
        self._shared = 0  # bytes; resident memory that counts for somebody else
        self._cpu: dict[tuple[int, float], float] = {}  # by pid and birth
        self._looked_at = float("-inf")

    def measure(self, family: Sequence[Process], now: float, *, exactly: bool) -> tuple[float, int]:
        """Return the CPU used since the last look, in cores, and the memory in bytes.

        `now` is in seconds since the boot. Without `exactly`, memory follows the last exact look;
        before there was one, what is shared with others counts in full.
        """
        return self._cores(family, now), self.memory(family, now, exactly=exactly)

    def memory(self, family: Sequence[Process], now: float, *, exactly: bool) -> int:
        """Return the memory only, as `measure` does."""
        resident = sum(one.resident for one in family)
        if exactly:
            self._shared = resident - sum(map(self._exact, family))
            self.exact_at = now
        return max(resident - self._shared, 0)

    def _exact(self, process: Process) -> int:
        try:
            return self._proportional(process.pid)
        except OSError:  # it has ended, or is somebody else's: then all that it has is counted
            return process.resident

    def _cores(self, family: Sequence[Process], now: float) -> float:
        """Count since the last look, or since the first of them was born."""
        since = max(self._looked_at, min(one.born for one in family))
        used = sum(one.cpu - self._before(one) for one in family)
        self._cpu = {(one.pid, one.born): one.cpu for one in family}
        self._looked_at = now
        return max(used, 0.0) / max(now - since, 0.01)

    def _before(self, process: Process) -> float:
        """Return its CPU time at the last look; what came in from elsewhere used none yet."""
        unknown = 0.0 if process.born >= self._looked_at else process.cpu
        return self._cpu.get((process.pid, process.born), unknown)


def cores_since_birth(family: Sequence[Process], now: float) -> float:
    """Return the CPU used since the first of them was born, in cores."""
    born = min(one.born for one in family)
    return sum(one.cpu for one in family) / max(now - born, 0.01)
