"""What each page is told: one frozen dataclass per template, and nothing else reaches it."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, ExperimentState
from tbgateway.rendering.figures import Moment
from tbgateway.rendering.urls import Urls


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every page needs; `template` is the file that shows it."""

    template: ClassVar[str]
    urls: Urls


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One board in the list; `adding` of its `experiments` still run."""

    name: str
    state: BoardState
    reason: str
    experiments: int
    adding: int
    access: Access
    owner: str
    last_visited: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRow:
    """One experiment in the list: why it is in its state, and why it cannot be shown if so."""

    name: str
    state: ExperimentState
    reason: str
    problem: str
    size: str
    last_event: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(Page):
    """All boards the reader may see, and the experiments there are to put on boards.

    `reader` is whom the gateway takes the reader for. `experiments` are the newest of
    `experiments_known`.
    """

    template: ClassVar[str] = "home.html"
    reader: str
    boards: tuple[BoardRow, ...]
    experiments: tuple[ExperimentRow, ...]
    experiments_known: int


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
