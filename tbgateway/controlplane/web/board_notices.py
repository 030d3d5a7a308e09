"""What the page of a board says of the form that led there: it is read from the page's query."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from tbgateway.controlplane.web.choice import DONE
from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.search_fields import number
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Board
from tbgateway.domain.names import is_id
from tbgateway.rendering.contexts.page import Notice, Undo
from tbgateway.rendering.urls import Urls

_BETWEEN_IDS = "."  # in a query: shorter than a field for each
_MOST_IDS = 100  # in a query: proxies and browsers limit URLs; beyond, only the number is told

_SAID: Mapping[str, str] = {
    "made": "The board is made and starts.",
    "renamed": "The board has another name now. Its old addresses lead here, after signing in.",
    "access": "Who may look is changed.",
    "password": "The password is changed. The old one opens nothing any more.",
    "started": "The board starts.",
    "stopped": "The board stops. Visits do not start it until somebody presses Start.",
    "idle": "When the board goes to sleep is changed.",
}
HURRIED = frozenset({"made", "started", "stopped"})
"""What is said to somebody who waits for the board to start or to end."""


def said_of_removal(ids: Sequence[str]) -> Mapping[str, str]:
    """Return the query that tells which experiments were removed, or of very many how many."""
    if len(ids) > _MOST_IDS:
        return {"removed_count": str(len(ids))}
    return {"removed": _BETWEEN_IDS.join(ids)}


def notice_of(query: Form, board: Board, means: Means, urls: Urls) -> Notice | None:
    """Return what to say of what the query says was done, if it can be true."""
    if query.one("removed"):
        gone = tuple(_gone(query.one("removed").split(_BETWEEN_IDS), board, means))
        return _removed(gone, board, urls) if gone else None
    removed = number(query.one("removed_count"))
    if removed:
        return Notice(text=_counted(removed, "is removed", "are removed"))
    added = number(query.one("added"))
    if added:
        return Notice(text=_counted(added, "is added", "are added"))
    text = _SAID.get(query.one("said"))
    return None if text is None else Notice(text=text)


def _gone(ids: Sequence[str], board: Board, means: Means) -> Iterator[str]:
    """Yield those that could come back: not what is on the board again, nor what is no more."""
    records = means.boards.membership_records(board)
    staying = {one.experiment_id for one in records if not one.removing}
    for one in dict.fromkeys(ids):
        if is_id(one) and one not in staying:
            with suppress(NotFoundError):
                yield means.experiments.find(one).id


def _removed(gone: Sequence[str], board: Board, urls: Urls) -> Notice:
    fields = (("step", DONE), *(("experiment", one) for one in gone))
    undo = Undo(action=urls.page("boards", board.name, "add"), fields=fields)
    return Notice(text=_counted(len(gone), "is removed", "are removed"), undo=undo)


def _counted(count: int, one: str, many: str) -> str:
    return f"1 experiment {one}." if count == 1 else f"{count:,} experiments {many}."
