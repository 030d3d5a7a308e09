"""What the page of a board says of its resources and visitors."""

from collections.abc import Sequence

from tbgateway.controlplane.web.means import Means
from tbgateway.domain.access import may_change
from tbgateway.domain.model import Board, Identity, Visit, VisitorKind
from tbgateway.rendering.chart import Chart, Measure, chart
from tbgateway.rendering.contexts.board_activity import Activity, VisitRow
from tbgateway.rendering.figures import moment, percent, size
from tbgateway.telemetry.resources import Sample

_NAMED = 10  # visitors; the command line and the API tell all of them


def _bytes(number: float) -> str:
    return size(int(number))


_CPU = Measure(name="CPU", said=percent, least=0.05)
_MEMORY = Measure(name="Memory", said=_bytes, least=1e6)


def activity_of(means: Means, identity: Identity, board: Board) -> Activity:
    """Return it as `identity` may know it."""
    now = means.clock()
    visits = means.visits.recent(board.id)
    named = visits[:_NAMED] if may_change(identity, board) else ()
    return Activity(
        charts=_charts(means.resources.of(board.id), now),
        rows=tuple(_row(visit, now) for visit in named),
        visitors=len(visits),
        visits=sum(visit.visits for visit in visits),
    )


def _charts(samples: Sequence[Sample], now: float) -> tuple[Chart, ...]:
    if not samples:
        return ()
    cpu = [(one.at, one.cpu) for one in samples]
    memory = [(one.at, float(one.memory)) for one in samples]
    return chart(cpu, now, _CPU), chart(memory, now, _MEMORY)


def _row(visit: Visit, now: float) -> VisitRow:
    return VisitRow(
        visitor=visit.visitor,
        by_password=visit.kind is VisitorKind.PASSWORD,
        visits=visit.visits,
        last=moment(visit.last_at, now),
    )
