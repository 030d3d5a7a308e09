"""What the boards weigh, in bytes of memory, and who takes more than one board may."""

from collections.abc import Callable, Container, Mapping

from tbgateway.domain.memory import MemoryLimits, over_limit
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.launchers.launcher import Exited, Observation
from tbgateway.telemetry.resources import Sample

_TYPICAL = 32 * 1024**2  # bytes; of a board that was never seen running
_KILLED = -9


class Weights:
    """Remembers what each board took when it was last measured, also while it sleeps."""

    def __init__(self, limits: Callable[[], MemoryLimits]) -> None:
        self._limits = limits
        self._used: Mapping[BoardId, Sample] = {}
        self._bytes: dict[BoardId, int] = {}
        self._verdicts: dict[LaunchId, str] = {}

    def __repr__(self) -> str:
        """Tell of how many boards something is known."""
        return f"<Weights of {len(self._bytes)} boards, {len(self._verdicts)} too heavy>"

    def of(self, board_id: BoardId) -> int:
        """Return what the board takes, or is likely to."""
        return self._bytes.get(board_id, _TYPICAL)

    def used(self, board_id: BoardId) -> Sample | None:
        """Return what a board that runs used when all were last measured."""
        return self._used.get(board_id)

    def learn(
        self, used: Mapping[BoardId, Sample], launches: Mapping[BoardId, LaunchId]
    ) -> list[LaunchId]:
        """Take what was measured of the boards' newest launches; return those now too heavy."""
        limit = self._limits().board
        measured = {board_id: sample.memory for board_id, sample in used.items()}
        self._used = used
        self._bytes.update(measured)
        running = frozenset(launches.values())
        self._verdicts = {one: why for one, why in self._verdicts.items() if one in running}
        heavy = [one for one, used in measured.items() if used > limit and one in launches]
        for board_id in heavy:
            self._verdicts[launches[board_id]] = over_limit(measured[board_id], limit)
        return [launches[board_id] for board_id in heavy]

    def keep_only(self, living: Container[BoardId]) -> None:
        """Forget what deleted boards took."""
        self._bytes = {one: used for one, used in self._bytes.items() if one in living}

    def told(self, launch: LaunchId, seen: Observation | None) -> Observation | None:
        """Return what is seen of a launch; one that is too heavy counts as over, for good."""
        verdict = self._verdicts.get(launch)
        return seen if verdict is None else Exited(_KILLED, verdict, final=True)
