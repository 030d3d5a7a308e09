"""What everything in the supervisor works with."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tbgateway.domain.lifecycle import Limits
from tbgateway.launchers.launcher import Launcher
from tbgateway.settings import Boards as BoardsSettings
from tbgateway.store import Store
from tbgateway.supervisor.layout import Layout


@dataclass(frozen=True, slots=True)
class Means:
    """The collaborators of a reconciler.

    `clock` is monotonic, `wall_clock` tells Unix time; both in seconds.
    """

    store: Store
    launcher: Launcher
    layout: Layout
    settings: BoardsSettings
    limits: Limits
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
