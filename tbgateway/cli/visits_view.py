"""How visits are printed."""

from collections.abc import Sequence

from tbgateway.cli.session import Session
from tbgateway.cli.words import ago
from tbgateway.client import Visit

_HEADS = ("VISITOR", "BY", "VISITS", "LAST", "FIRST")
_BY = {"member": "own account", "password": "the board's password", "anyone": "-"}


def show_visits(session: Session, board: str, visits: Sequence[Visit]) -> None:
    """Print who looked at a board."""
    if session.json:
        session.terminal.result(visits)
    elif visits:
        session.terminal.table(_HEADS, [_row(visit) for visit in visits])
    else:
        session.terminal.remark(f"Nobody opened {board} in the last 90 days.")


def _row(visit: Visit) -> tuple[str, ...]:
    return (
        visit.visitor or "anyone",
        _BY.get(visit.kind, visit.kind),
        str(visit.visits),
        ago(visit.last_at),
        ago(visit.first_at),
    )
