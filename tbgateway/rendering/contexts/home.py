"""The page with all boards, and the question before some of them are deleted."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access
from tbgateway.rendering.contexts.lists import Column, Option, Pager
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.figures import Moment
from tbgateway.rendering.sparkline import Sparkline


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One board in the list.

    `adding` of its `experiments` still run, `problems` of them cannot be shown as they should.
    `line` is the course of its main scalar, if one is known: that of the experiment `newest`, which
    has the newest event. `memory` and `cpu` are empty while it sleeps. The reader may stop and
    delete `changeable` boards.
    """

    id: str
    name: str
    state: BoardState
    reason: str
    experiments: int
    adding: int
    problems: int
    line: Sparkline | None
    newest: str
    memory: str
    cpu: str
    access: Access
    owner: str
    last_visited: Moment | None
    changeable: bool
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilters:
    """What the list is searched by, as the form shows it; `narrow` if it leaves a board out."""

    text: str
    states: tuple[Option, ...]
    accesses: tuple[Option, ...]
    mine: bool
    sort: str
    narrow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How to make the first board, of so many experiments: a command, three lines of Python."""

    command: str
    script: str
    experiments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(Page):
    """One part of the boards that match, of all `known` ones that the reader may see.

    `action` is where the form of the selection goes. Where there is no board at all, the page tells
    the `beginning`.
    """

    template: ClassVar[str] = "home.html"
    section: ClassVar[str] = "boards"
    filters: BoardFilters
    columns: tuple[Column, ...]
    boards: tuple[BoardRow, ...]
    pager: Pager
    known: int
    action: str
    beginning: Beginning | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteBoardsPage(Page):
    """Asks whether several boards shall be deleted; `leave` is where they were chosen.

    `fields` choose them again in the form that answers it.
    """

    template: ClassVar[str] = "delete_boards.html"
    section: ClassVar[str] = "boards"
    boards: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    action: str
    leave: str
