"""The API: JSON below /api/v1, documented in docs/api.md."""

from collections.abc import Callable

from tbgateway.backups import Backups
from tbgateway.boards import Boards, Visits
from tbgateway.controlplane.api import backup, contract, health, identity, tokens
from tbgateway.controlplane.api.boards import routes as board_routes
from tbgateway.controlplane.api.events import EventsApi
from tbgateway.controlplane.api.experiments import routes as experiment_routes
from tbgateway.controlplane.api.logdirs import routes as logdirs_routes
from tbgateway.controlplane.api.members import routes as member_routes
from tbgateway.controlplane.api.visits import routes as visits_routes
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.experiments import Experiments
from tbgateway.members import Members
from tbgateway.routes import Route


def routes(
    *,
    boards: Boards,
    visits: Visits,
    experiments: Experiments,
    members: Members,
    events: EventsApi,
    backups: Backups,
    ready: Callable[[], bool],
    share: LoopShare,
) -> tuple[Route, ...]:
    """Return every route of the API, and those of health; long lists have one `share`."""
    described = (
        *board_routes(boards, share),
        *visits_routes(visits, share),
        *experiment_routes(experiments, share),
        *logdirs_routes(experiments, share),
        *member_routes(members, share),
        *tokens.routes(members, share),
        *identity.routes(),
        *events.routes(),
        *backup.routes(backups),
        *health.routes(ready),
    )
    return (*described, *contract.routes(described))
