"""What the boards weigh, in bytes of memory, and who takes more than one board may."""

from collections import deque
from collections.abc import Callable, Container, Mapping

from tbgateway.domain.memory import MemoryLimits, over_limit
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.launchers.launcher import Exited, Observation
from tbgateway.telemetry.resources import Sample

_TYPICAL = 32 * 1024**2  # bytes; of a board that was never seen running
_KILLED = -9
_REMEMBERED = 8
"""Weighings that tell what a start will take: a board gives its data back while nobody asks it,
and reads it again at once when somebody does."""


class Weights:
    """Remembers what each board took when it was last measured, also while it sleeps."""

    def __init__(self, limits: Callable[[], MemoryLimits]) -> None:
        self._limits = limits
        self._used: Mapping[BoardId, Sample] = {}
        self._measured: Mapping[BoardId, LaunchId] = {}
        self._recent: dict[BoardId, deque[int]] = {}
        self._verdicts: dict[LaunchId, str] = {}

    def __repr__(self) -> str:
        """Tell of how many boards something is known."""
        return f"<Weights of {len(self._recent)} boards, {len(self._verdicts)} too heavy>"

    def of(self, board_id: BoardId, launch: LaunchId | None) -> int:
        """Return what a board's newest launch takes, or is likely to before it was measured."""
        used = self._used.get(board_id)
        if used is None or self._measured.get(board_id) != launch:
            return self.at_start(board_id)
        return used.memory

    def at_start(self, board_id: BoardId) -> int:
        """Return what a board is likely to take once it is asked: its largest recent weight."""
        return max(self._recent.get(board_id, ()), default=_TYPICAL)

    def used(self, board_id: BoardId) -> Sample | None:
        """Return what a board that runs used when all were last measured."""
        return self._used.get(board_id)

    def learn(
        self, used: Mapping[BoardId, Sample], launches: Mapping[BoardId, LaunchId]
    ) -> list[LaunchId]:
        """Take what was measured of the boards' newest launches; return those now too heavy."""
        limit = self._limits().board
        measured = {board_id: sample.memory for board_id, sample in used.items()}
        self._used, self._measured = used, launches
        for board_id, memory in measured.items():
            self._recent.setdefault(board_id, deque(maxlen=_REMEMBERED)).append(memory)
        running = frozenset(launches.values())
        self._verdicts = {one: why for one, why in self._verdicts.items() if one in running}
        heavy = [one for one, used in measured.items() if used > limit and one in launches]
        for board_id in heavy:
            self._verdicts[launches[board_id]] = over_limit(measured[board_id], limit)
        return [launches[board_id] for board_id in heavy]

    def keep_only(self, living: Container[BoardId]) -> None:
        """Forget what deleted boards took."""
        self._recent = {one: found for one, found in self._recent.items() if one in living}

    def told(self, launch: LaunchId, seen: Observation | None) -> Observation | None:
        """Return what is seen of a launch; one that is too heavy counts as over, for good."""
        verdict = self._verdicts.get(launch)
        return seen if verdict is None else Exited(_KILLED, verdict, final=True)
