"""What everything in the supervisor works with."""

from collections.abc import Callable
from dataclasses import dataclass

from tbgateway.domain.lifecycle import Limits
from tbgateway.launchers.launcher import Launcher
from tbgateway.settings import BoardsSettings
from tbgateway.store import Store
from tbgateway.supervisor.layout import Layout


@dataclass(frozen=True, slots=True)
class Means:
    """The collaborators of a reconciler; `clock` is monotonic, in seconds."""

    store: Store
    launcher: Launcher
    layout: Layout
    settings: BoardsSettings
    limits: Limits
    clock: Callable[[], float]
