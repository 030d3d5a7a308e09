"""When a board goes to sleep, as a form asks for it: in minutes."""

from tbgateway.controlplane.web.forms import Form
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.idle_time import NEVER
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


def asked_idle_timeout(form: Form) -> float | None:
    """Return the seconds that were asked for; None is as the gateway is set.

    Raise InvalidInputError for what is no number of minutes; not every number can be set.
    """
    match form.one("idle"):
        case "usual":
            return None
        case "never":
            return NEVER
    try:
        return float(form.one("idle_timeout")) * _MINUTE
    except ValueError as error:
        raise InvalidInputError(
            "This is no number of minutes.", hint="Type one, such as 30.", field="idle_timeout"
        ) from error


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
