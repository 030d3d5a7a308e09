"""What everything in the supervisor works with."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tbgateway.domain.lifecycle import Limits
from tbgateway.domain.memory import MemoryLimits, limits, parse_memory
from tbgateway.domain.names import BoardId
from tbgateway.launchers.launcher import Launcher
from tbgateway.settings import Boards as BoardsSettings
from tbgateway.store import Store
from tbgateway.supervisor.generations import Generations
from tbgateway.supervisor.health import Patience
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.plan_problems import PlanProblems
from tbgateway.supervisor.root_watch import RootWatch
from tbgateway.supervisor.run_problems import RunProblems
from tbgateway.telemetry.machine_memory import machine_memory


@dataclass(slots=True)
class Means:
    """The collaborators of a reconciler.

    Boards may read what is below the logdir `roots`. `clock` is monotonic, `wall_clock` tells Unix
    time; both in seconds.
    """

    store: Store
    launcher: Launcher
    layout: Layout
    settings: BoardsSettings
    limits: Limits  # others after a reload
    roots: Mapping[str, RootWatch] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    machine_memory: Callable[[], int] = machine_memory
    changed: Callable[[BoardId], None] = lambda _: None
    """Called whenever a board's status may be another."""
    run_problems: RunProblems = field(default_factory=RunProblems)
    generations: Generations = field(default_factory=Generations)
    plan_problems: PlanProblems = field(default_factory=PlanProblems)
    patience: Patience = field(default_factory=Patience)

    def memory_limits(self) -> MemoryLimits:
        """Return what all boards together may take, and one of them."""
        budget, board = self.settings.memory_budget, self.settings.board_memory
        return limits(parse_memory(budget), parse_memory(board), self.machine_memory())

    def idle_timeout(self, board_id: BoardId) -> float:
        """Return after how many seconds without a look the board sleeps; 0 is never."""
        board = self.store.boards.get(board_id)
        own = None if board is None else board.idle_timeout
        return self.settings.idle_timeout if own is None else own
