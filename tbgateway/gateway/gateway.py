"""A gateway that runs, as those who start one see it."""

from dataclasses import dataclass
from pathlib import Path

from tbgateway.boards import Boards, Visits
from tbgateway.experiments import Experiments
from tbgateway.gateway.observing import Observing
from tbgateway.members import Members
from tbgateway.routes import Route
from tbgateway.scalars import Scalars
from tbgateway.store import Store
from tbgateway.supervisor.openings import Openings
from tbgateway.supervisor.supervisor import Supervisor


@dataclass(slots=True)
class Gateway:
    """A running gateway; `control` is its local socket.

    `generated_password` is the first admin's, if it was made up just now.
    """

    url: str
    control: Path
    store: Store
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
