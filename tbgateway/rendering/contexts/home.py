"""The page with all boards."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, ExperimentState
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.figures import Moment


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

    `experiments` are the newest of `experiments_known`.
    """

    template: ClassVar[str] = "home.html"
    section: ClassVar[str] = "boards"
    boards: tuple[BoardRow, ...]
    experiments: tuple[ExperimentRow, ...]
    experiments_known: int
