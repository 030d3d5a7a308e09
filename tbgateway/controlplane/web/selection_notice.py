"""What was done to some boards: written into a URL, and said by the page it leads to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.search_fields import number
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.names import check_board_name
from tbgateway.rendering.contexts.page import Notice, Undo

_MOST_NAMED = 20  # a notice stays readable, and its URL short
_OTHERS = "others"


class Verb(StrEnum):
    """What can be done to several boards at once."""

    START = "start"
    STOP = "stop"
    DELETE = "delete"


_PAST = {Verb.START: "started", Verb.STOP: "stopped", Verb.DELETE: "deleted"}


def done_query(verb: Verb, names: Sequence[str]) -> Mapping[str, str]:
    """Return what says in a URL that these boards were started, stopped or deleted."""
    others = len(names) - _MOST_NAMED
    query = {_PAST[verb]: ",".join(names[:_MOST_NAMED])}
    return query | ({_OTHERS: str(others)} if others > 0 else {})


def notice_of(query: Form, action: str, exists: Callable[[str], bool]) -> Notice | None:
    """Return what the query says was done; None for nothing, or what cannot be true.

    `action` takes an undoing form. Whoever writes the URL can say little here: names of boards
    that exist, or, where they were deleted, do not.
    """
    for verb, past in _PAST.items():
        names = [one for one in _names(query.one(past)) if exists(one) is (verb is not Verb.DELETE)]
        if names:
            return done_notice(verb, names, action, number(query.one(_OTHERS)) or 0)
    return None


def done_notice(verb: Verb, names: Sequence[str], action: str, others: int = 0) -> Notice:
    """Say that this was done to the named boards and so many others."""
    text = f"{_PAST[verb].capitalize()} {_listed(names, others)}."
    if verb is not Verb.STOP or others:
        return Notice(text=text)
    again = (("action", Verb.START.value), *(("board", name) for name in names))
    return Notice(text=text, undo=Undo(action=action, fields=again))


def _names(text: str) -> Iterator[str]:
    for name in text.split(",")[:_MOST_NAMED]:
        try:
            yield check_board_name(name)
        except InvalidInputError:
            continue


def _listed(names: Sequence[str], others: int) -> str:
    parts = [*names, f"{others:,} others"] if others else [*names]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
