"""Pages about requests that were refused, or that have to wait."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.errors import TbgatewayError
from tbgateway.rendering.contexts.page import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage(Page):
    """A request that was refused or failed, in the error's own words.

    `log_tail` are the last lines a board's process wrote, or empty.
    """

    template: ClassVar[str] = "problem.html"
    error: TbgatewayError
    request_id: str
    log_tail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFailedPage(ProblemPage):
    """A board whose TensorBoard keeps dying."""

    template: ClassVar[str] = "board_failed.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPausedPage(ProblemPage):
    """A board that a person stopped."""

    template: ClassVar[str] = "board_paused.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage(Page):
    """A board that is starting; the page asks again by itself after `again` seconds."""

    template: ClassVar[str] = "waiting.html"
    board: str
    again: int
