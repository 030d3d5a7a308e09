"""What is said of a board that takes long to read, before it is read."""

from tbgateway.domain.memory import decimal
from tbgateway.domain.names import BoardId
from tbgateway.store import Store

LARGE = 200_000_000
"""Bytes of event files that people will notice being read."""


def announcement(store: Store, board_id: BoardId) -> str:
    """Return how much a board reads, such as `reading 1.2 GB of event files of 57 experiments`.

    Nothing is said of a board that is read in a moment.
    """
    memberships = (one for one in store.memberships_of(board_id) if not one.removing)
    shown = [store.experiments[one.experiment_id] for one in memberships]
    size = sum(one.bytes for one in shown)
    if size < LARGE:
        return ""
    count = "1 experiment" if len(shown) == 1 else f"{len(shown):,} experiments"
    return f"reading {decimal(size)} of event files of {count}"
