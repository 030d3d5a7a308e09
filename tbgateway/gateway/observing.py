"""What only watches: news for those who listen, figures for those who measure."""

from contextlib import suppress

from prometheus_client import CollectorRegistry

from tbgateway.boards import Boards
from tbgateway.controlplane.api.events import EventsApi
from tbgateway.controlplane.metrics import MetricsRoutes
from tbgateway.controlplane.state_metrics import StateMetrics
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.domain.names import BoardId
from tbgateway.events import Bus, RecordNews, StatusNews
from tbgateway.experiments import Experiments
from tbgateway.launchers.launcher import Launcher, LaunchHandle
from tbgateway.members import Members
from tbgateway.store import Store
from tbgateway.supervisor.status import ASLEEP, BoardStatus
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.telemetry.metrics import Metrics
from tbgateway.telemetry.processes import Family, ProcessMetrics


class Observing:
    """Listens to store and supervisor; the rest of the gateway works the same without it."""

    def __init__(
        self,
        store: Store,
        supervisor: Supervisor,
        experiments: Experiments,
        boards: Boards,
        members: Members,
    ) -> None:
        self._store = store
        self._supervisor = supervisor
        self._bus = Bus()
        self._statuses = StatusNews(self._bus, _told(ASLEEP))
        self.events = EventsApi(self._bus, boards, experiments, members)
        self.metrics = Metrics()
        self.registry = CollectorRegistry()
        self.registry.register(self.metrics)
        store.listen(RecordNews(self._bus, store))

    def board_changed(self, board_id: BoardId) -> None:
        """Look at what the supervisor tells about a board now."""
        # A deleted board's process is still to end: that is measured, but no news any more.
        self.metrics.boards.saw(board_id, self._supervisor.state(board_id))
        deleted = board_id not in self._store.boards
        self._statuses(board_id, None if deleted else _told(self._supervisor.status(board_id)))

    def measuring(
        self, verifier: Verifier, throttle: Throttle, launcher: Launcher
    ) -> MetricsRoutes:
        """Have these measured, too; return the routes that tell all figures."""
        processes = ProcessMetrics(lambda: self._processes(launcher))
        self.registry.register(processes)
        self.registry.register(
            StateMetrics(
                store=self._store,
                supervisor=self._supervisor,
                verifier=verifier,
                throttle=throttle,
                bus=self._bus,
                streams=self.events.streams.__len__,
            )
        )
        return MetricsRoutes(self.registry, processes.refresh)

    def _processes(self, launcher: Launcher) -> Family:
        boards = set()
        for launch in self._store.launches.values():
            with suppress(ValueError):  # another version's, which is about to be cleared away
                boards.add(LaunchHandle.from_json(launch.handle).pid)
        return Family(boards=frozenset(boards), roots=launcher.pids())


def _told(status: BoardStatus) -> tuple[object, ...]:
    """Return what people are told of a status."""
    problems = frozenset(status.problems.items())
    return status.state, status.reason, status.log_tail, status.visible, problems, status.notes
