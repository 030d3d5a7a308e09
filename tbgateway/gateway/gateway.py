"""A gateway that runs, as those who start one see it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tbgateway.boards import Boards, Visits
from tbgateway.experiments import Experiments
from tbgateway.gateway.observing import Observing
from tbgateway.members import Members
from tbgateway.routes import Route
from tbgateway.scalars import Scalars
from tbgateway.settings import Reloaded, Settings, reload_settings
from tbgateway.store import Store
from tbgateway.supervisor.openings import Openings
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.wall_time import WallTime


@dataclass(slots=True)
class Gateway:
    """A running gateway; `control` is its local socket.

    `settings` are those in force; `settings_takers` are told when they changed: those who do not
    look each time they need one. `generated_password` is the first admin's, if it was made up
    just now.
    """

    url: str
    settings: Settings
    control: Path
    store: Store
    time: WallTime
    supervisor: Supervisor
    openings: Openings
    experiments: Experiments
    boards: Boards
    visits: Visits
    members: Members
    scalars: Scalars
    observing: Observing
    routes: tuple[Route, ...] = ()
    generated_password: str | None = None
    ready: bool = False
    settings_takers: list[Callable[[], None]] = field(default_factory=list)

    def reload(self, wanted: Settings) -> Reloaded:
        """Put in force what can change while the gateway runs: all of it, or nothing."""
        before = self.settings.model_copy(deep=True)
        reloaded = reload_settings(self.settings, wanted)
        try:
            self._have_taken()
        except Exception:
            reload_settings(self.settings, before)
            self._have_taken()
            raise
        return reloaded

    def _have_taken(self) -> None:
        for take in self.settings_takers:
            take()

    def summary(self, *remarks: str) -> str:
        """Return what systemd shows of it."""
        serving = f"Serving {len(self.store.boards)} boards at {self.url}/"
        return "; ".join((serving, *filter(None, remarks)))
