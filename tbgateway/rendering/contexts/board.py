"""The page about a board, and the one that deletes it."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, ExperimentState, MembershipState
from tbgateway.rendering.contexts.board_activity import Activity
from tbgateway.rendering.contexts.lists import Column, Option, Pager
from tbgateway.rendering.contexts.new_board import AccessForm
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.refused import Refused
from tbgateway.rendering.contexts.tags import TagLinks
from tbgateway.rendering.figures import Moment
from tbgateway.rendering.sparkline import Sparkline


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardHead:
    """What a board is and does; `doing` says it in a sentence.

    `starts` and `stops` tell which of the two makes sense now; `adding` of the `experiments` run.
    `settled` if nothing is going to change unless somebody does something.
    """

    id: str
    name: str
    state: BoardState
    doing: str
    notes: tuple[str, ...]
    starts: bool
    stops: bool
    experiments: int
    adding: int
    settled: bool
    access: Access
    owner: str
    made: Moment
    last_visited: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRow:
    """One experiment on the board; `flawed` if it is shown in spite of its problem.

    `line` is the course of its main scalar, if one is known.
    """

    id: str
    name: str
    state: MembershipState
    experiment_state: ExperimentState
    reason: str
    visible: bool | None
    problem: str
    flawed: bool
    line: Sparkline | None
    size: str
    last_event: Moment | None
    tags: TagLinks


@dataclass(frozen=True, slots=True, kw_only=True)
class Memberships:
    """The part of the memberships that fit the search and are on this page of them.

    `flaw` says what in the search could not be understood, or is empty.
    `kept` is the search as hidden fields, so that the answer to a form comes back here.
    """

    rows: tuple[MembershipRow, ...]
    columns: tuple[Column, ...]
    text: str
    flaw: str
    shows: tuple[Option, ...]
    sort: str
    pager: Pager
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What to tell others: where the board is, and the user name that goes with it, if any."""

    url: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleForm:
    """When the board goes to sleep: one of the choices, of which one needs `minutes`."""

    choices: tuple[Option, ...]
    minutes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardForms:
    """What those may do who may change the board.

    `name`, `access` and `idle` hold what was typed and refused, else what is so now. `log` are the
    last lines of the board's log.
    """

    refused: Refused | None
    name: str
    access: AccessForm
    idle: IdleForm
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage(Page):
    """Everything about a board. `forms` is None for those who may look only.

    `hurries` tells that somebody waits for it to start: without scripts, the page loads itself
    anew.
    """

    template: ClassVar[str] = "board.html"
    section: ClassVar[str] = "boards"
    board: BoardHead
    memberships: Memberships
    share: Share
    activity: Activity
    forms: BoardForms | None
    hurries: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteBoardPage(Page):
    """Asks for a board's name before it is deleted; `refused` is why the last one was not it."""

    template: ClassVar[str] = "delete_board.html"
    section: ClassVar[str] = "boards"
    board: str
    experiments: int
    refused: Refused | None
