"""How things stand, counted at the moment when Prometheus asks."""

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

import tbgateway
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import ExperimentState, MembershipState
from tbgateway.events import Bus
from tbgateway.store import Store
from tbgateway.supervisor.supervisor import Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMetrics(Collector):
    """Asks everybody how it stands; `streams` tells how many listen to events."""

    store: Store
    supervisor: Supervisor
    verifier: Verifier
    throttle: Throttle
    bus: Bus
    streams: Callable[[], int]

    def collect(self) -> Iterator[Metric]:
        """Return all figures."""
        yield _build()
        yield from self._records()
        yield from self._used()
        yield from self._commits()
        yield from self._counts()
        yield from self._gauges()

    def _records(self) -> Iterator[Metric]:
        store = self.store
        boards = map(self.supervisor.state, store.boards)
        yield _by_state("tbgateway_boards", "Boards, by what they do.", BoardState, boards)
        experiments = (one.state for one in store.experiments.values())
        yield _by_state(
            "tbgateway_experiments", "Experiments, by state.", ExperimentState, experiments
        )
        memberships = (
            one.state(store.experiments[one.experiment_id]) for one in store.memberships.values()
        )
        yield _by_state(
            "tbgateway_memberships", "Experiments on boards.", MembershipState, memberships
        )

    def _used(self) -> Iterator[Metric]:
        """Return a figure for each board that runs, and for no other: there may be thousands.

        By id: who may read the figures may not see all boards, and a name tells a lot.
        """
        memory = GaugeMetricFamily(
            "tbgateway_board_memory_bytes",
            "Memory (PSS) of a board that runs and of its data server.",
            labels=("board",),
        )
        cpu = GaugeMetricFamily(
            "tbgateway_board_cpu_cores", "CPU that a board which runs uses.", labels=("board",)
        )
        for board in self.store.boards.values():
            used = self.supervisor.used(board.id)
            if used is not None:
                memory.add_metric((board.id,), used.memory)
                cpu.add_metric((board.id,), used.cpu)
        limits = self.supervisor.memory_limits()
        yield memory
        yield cpu
        yield GaugeMetricFamily(
            "tbgateway_boards_memory_budget_bytes",
            "Memory that all boards may take together.",
            limits.budget,
        )

    def _commits(self) -> Iterator[Metric]:
        commits = self.store.commits
        written = CounterMetricFamily(
            "tbgateway_store_transactions", "Transactions, by their outcome.", labels=("outcome",)
        )
        written.add_metric(("written",), commits.done)
        written.add_metric(("failed",), commits.failed)
        yield written
        yield SummaryMetricFamily(
            "tbgateway_store_transaction_seconds",
            "How long transactions took to be on the disk.",
            count_value=commits.done + commits.failed,
            sum_value=commits.seconds,
        )

    def _counts(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "tbgateway_throttled_logins",
            "Passwords that were not even checked: too many wrong ones came before.",
            self.throttle.refusals,
        )
        yield CounterMetricFamily(
            "tbgateway_events_published", "News that clients could hear of.", self.bus.newest
        )

    def _gauges(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "tbgateway_verifier_queue_length",
            "Passwords that wait to be checked.",
            self.verifier.waiting,
        )
        yield GaugeMetricFamily(
            "tbgateway_board_requests_queued",
            "Requests that wait because their boards are busy with others.",
            self.supervisor.queued,
        )
        yield GaugeMetricFamily(
            "tbgateway_event_streams", "Clients that listen to events.", self.streams()
        )


def _build() -> Metric:
    versions = {
        "version": tbgateway.__version__,
        "tensorboard": version("tensorboard"),
        "python": platform.python_version(),
    }
    return InfoMetricFamily("tbgateway_build", "Which versions run.", versions)


def _by_state(
    name: str, meaning: str, states: type[StrEnum], found: Iterable[StrEnum]
) -> GaugeMetricFamily:
    """Return how many are in each state, those without any included: else graphs have gaps."""
    family = GaugeMetricFamily(name, meaning, labels=("state",))
    counted = Counter(found)
    for state in states:
        family.add_metric((state.value,), counted[state])
    return family
