"""When a board goes to sleep, as a form asks for it: in minutes."""

import re

from tbgateway.controlplane.web.forms import Form
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.idle_time import LEAST, MOST, NEVER
from tbgateway.domain.model import Board
from tbgateway.rendering.contexts.board import IdleForm
from tbgateway.rendering.contexts.lists import Option

_USUAL, _AFTER, _NEVER = "usual", "after", "never"
_CHOICES = {
    _USUAL: ("Like other boards", "As the gateway is set."),
    _AFTER: ("After some minutes", ""),
    _NEVER: ("Never", "It keeps its memory until somebody stops it."),
}
_MINUTE = 60.0  # seconds
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")  # not all that Python takes for one


def asked_idle_timeout(form: Form) -> float | None:
    """Return the seconds that were asked for; None is as the gateway is set.

    Raise InvalidInputError for what is no number of minutes, or not one that can be set.
    """
    match form.one("idle"):
        case "usual":
            return None
        case "never":
            return NEVER
    typed = form.one("idle_timeout")
    seconds = float(typed) * _MINUTE if _NUMBER.fullmatch(typed) else NEVER
    if LEAST <= seconds <= MOST:
        return seconds
    raise InvalidInputError(
        "A board cannot go to sleep after this time.",
        hint=f"Type a number of minutes from {LEAST / _MINUTE:.0f} to {MOST / _MINUTE:.0f},"
        " in digits, such as 30.",
        field="idle_timeout",
    )


def typed_idle(form: Form) -> IdleForm:
    """Return the form as it was typed."""
    return _idle_form(form.one("idle"), form.one("idle_timeout"))


def idle_of(board: Board) -> IdleForm:
    """Return the form as the board is now."""
    if board.idle_timeout is None:
        return _idle_form(_USUAL, "")
    if board.idle_timeout == NEVER:
        return _idle_form(_NEVER, "")
    return _idle_form(_AFTER, f"{board.idle_timeout / _MINUTE:.10g}")


def _idle_form(chosen: str, minutes: str) -> IdleForm:
    return IdleForm(
        choices=tuple(
            Option(value=value, label=label, hint=hint, chosen=value == chosen)
            for value, (label, hint) in _CHOICES.items()
        ),
        minutes=minutes,
    )
