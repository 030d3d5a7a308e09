"""What only watches: news for those who listen, figures for those who measure."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

from prometheus_client import CollectorRegistry

from tbgateway.boards import Boards
from tbgateway.controlplane.api.events import EventsApi
from tbgateway.controlplane.metrics import MetricsRoutes
from tbgateway.controlplane.state_metrics import StateMetrics
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.events import Bus, ExperimentChanged, RecordNews, StatusNews
from tbgateway.experiments import Experiments
from tbgateway.launchers.launcher import Launcher, LaunchHandle
from tbgateway.members import Members
from tbgateway.scalars import ScalarMetrics, Scalars
from tbgateway.store import Store
from tbgateway.supervisor.status import ASLEEP, BoardStatus
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.telemetry.metrics import Metrics
from tbgateway.telemetry.processes import Family, ProcessMetrics
from tbgateway.telemetry.resources import Resources


class Observing:
    """Listens to store and supervisor; the rest of the gateway works the same without it."""

    def __init__(
        self,
        store: Store,
        supervisor: Supervisor,
        experiments: Experiments,
        boards: Boards,
        members: Members,
        memory: Callable[[int], int],
    ) -> None:
        """`memory` tells how many bytes (PSS) a process of a board takes."""
        self._store = store
        self._supervisor = supervisor
        self._bus = Bus()
        self._statuses = StatusNews(self._bus, _told(ASLEEP))
        self.events = EventsApi(self._bus, boards, experiments, members)
        self.resources = Resources(self._heads, memory=memory)
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

    def experiment_read(self, experiment_id: ExperimentId) -> None:
        """Tell that more is known of an experiment's scalars."""
        if experiment_id in self._store.experiments:
            self._bus.publish(ExperimentChanged(experiment_id))

    def measuring(
        self, verifier: Verifier, throttle: Throttle, launcher: Launcher, scalars: Scalars
    ) -> MetricsRoutes:
        """Have these measured, too; return the routes that tell all figures."""
        processes = ProcessMetrics(lambda: self._processes(launcher, scalars), launcher.memory)
        self.registry.register(processes)
        self.registry.register(ScalarMetrics(scalars))
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

    def _heads(self) -> dict[BoardId, set[int]]:
        """Return the first process of each board that runs, or two while one follows another."""
        heads = defaultdict[BoardId, set[int]](set)
        for launch in self._store.launches.values():
            with suppress(ValueError):  # another version's, which is about to be cleared away
                pid = LaunchHandle.from_json(launch.handle).pid
                if pid > 0:
                    heads[launch.board_id].add(pid)
        return heads

    def _processes(self, launcher: Launcher, scalars: Scalars) -> Family:
        boards = frozenset(pid for pids in self._heads().values() for pid in pids)
        return Family(boards=boards, roots=launcher.pids(), readers=scalars.reader.pids())


def _told(status: BoardStatus) -> tuple[object, ...]:
    """Return what people are told of a status."""
    problems = frozenset(status.problems.items())
    return status.state, status.reason, status.log_tail, status.visible, problems, status.notes
