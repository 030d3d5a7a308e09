"""What a board used, and who looked at it."""

from dataclasses import dataclass

from tbgateway.rendering.chart import Chart
from tbgateway.rendering.figures import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """Somebody who looked at the board: `visitor` is empty for anyone.

    `by_password` tells a board's user name from a member's.
    """

    visitor: str
    by_password: bool
    visits: int
    last: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """The charts of the last hour, if it was awake then, and the visits that are remembered.

    `rows` are the newest of the `visitors`, for those only who may know their names.
    """

    charts: tuple[Chart, ...]
    rows: tuple[VisitRow, ...]
    visitors: int
    visits: int
