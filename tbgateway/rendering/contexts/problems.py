"""Pages about requests that were refused."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.errors import TbgatewayError
from tbgateway.rendering.contexts.page import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage(Page):
    """A request that was refused or failed, in the error's own words.

    `log_tail` are the last lines a board's process wrote, or empty. `sign_in` is the URL to sign in
    at, for somebody whom nobody knows.
    """

    template: ClassVar[str] = "problem.html"
    error: TbgatewayError
    request_id: str
    log_tail: str
    sign_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardDownPage(ProblemPage):
    """A board that visits do not wake.

    `about` is the URL of the page about the board, for its members; `start` is where the form goes
    that starts it, for a reader who may do that.
    """

    template: ClassVar[str] = "board_down.html"
    about: str = ""
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFailedPage(BoardDownPage):
    """A board whose TensorBoard keeps dying."""

    template: ClassVar[str] = "board_failed.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPausedPage(BoardDownPage):
    """A board that a person stopped."""

    template: ClassVar[str] = "board_paused.html"
