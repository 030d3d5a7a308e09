"""Choosing some of thousands of experiments: a part of the pages that put them on boards."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.model import ExperimentState
from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.tags import TagLinks
from tbgateway.rendering.figures import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerRow:
    """One experiment that was searched for; one that is `present` is on the board already."""

    id: str
    name: str
    state: ExperimentState
    reason: str
    problem: str
    size: str
    last_event: Moment | None
    tags: TagLinks
    chosen: bool
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One experiment that is chosen, with a button to give it up."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """What in a pasted list names no experiment, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picker:
    """What was searched for, its page `page`, and what is chosen so far.

    `flaw` says what in the search could not be understood, or is empty.
    `known` counts all experiments there are, `matches` those that fit the search, `selectable`
    those of them that could still be chosen, `chosen` all that are, of which `chips` are the first.
    The rows are `first` to `last` of the matches. `carried` are the ids of all that is chosen,
    `ticked` of those of them that are rows. `pasted` is the text of the pasted list; `rejected` was
    no use in it.
    """

    text: str
    flaw: str
    state: str
    states: tuple[Option, ...]
    known: int
    matches: int
    selectable: int
    rows: tuple[PickerRow, ...]
    first: int
    last: int
    page: int
    more: bool
    chosen: int
    chips: tuple[Chip, ...]
    carried: str
    ticked: str
    pasted: str
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddExperimentsPage(Page):
    """Choosing what to put on a board that exists."""

    template: ClassVar[str] = "add_experiments.html"
    section: ClassVar[str] = "boards"
    board: str
    picker: Picker
