"""The page with all experiments, and the questions it leads to."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from tbgateway.domain.model import ExperimentState
from tbgateway.rendering.contexts.lists import Column, Option, Pager
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.refused import Refused
from tbgateway.rendering.contexts.tags import TagLinks
from tbgateway.rendering.figures import Moment

Fields = tuple[tuple[str, str], ...]
"""Names and values of a form's hidden inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarValue:
    """The last value of a scalar; `run` says of which run and step it is."""

    text: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarLink:
    """A scalar that a link shows in a column, or takes away."""

    tag: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRow:
    """One experiment in the list: why it is in its state, and why it cannot be shown if so.

    `boards` are the first of those that show it, `more_boards` how many there are beside them.
    `values` has one place for each scalar that was asked for, empty where there is no value.
    """

    id: str
    name: str
    state: ExperimentState
    reason: str
    problem: str
    size: str
    last_event: Moment | None
    boards: tuple[str, ...]
    more_boards: int
    tags: TagLinks
    values: tuple[ScalarValue | None, ...]
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the list is searched by, as the form shows it; `fields` repeat it in other forms.

    `flaw` says what in the text could not be understood, or is empty.
    `scalars` are those shown in columns, each with a link that takes it away; `more_scalars` those
    that could be.
    """

    text: str
    flaw: str
    states: tuple[Option, ...]
    roots: tuple[Option, ...]
    boards: tuple[Option, ...]
    since: tuple[Option, ...]
    problem: bool
    sort: str
    scalars: tuple[ScalarLink, ...]
    more_scalars: tuple[ScalarLink, ...]
    narrow: bool
    fields: Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What was typed into the form that registers a directory."""

    path: str = ""
    name: str = ""
    held: bool = False
    refused: Refused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the list of `matches`."""

    columns: tuple[Column, ...]
    rows: tuple[ExperimentRow, ...]
    matches: int
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentsPage(Page):
    """What matches among the `known` experiments; no `part` if nothing does."""

    template: ClassVar[str] = "experiments.html"
    section: ClassVar[str] = "experiments"
    filters: Filters
    part: Part | None
    known: int
    registration: Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The experiments that a question is about: the first `names`, `more` beside them.

    `fields` choose them again in the form that answers it.
    """

    names: tuple[str, ...]
    more: int
    fields: Fields

    @property
    def total(self) -> int:
        """How many they are."""
        return len(self.names) + self.more


@dataclass(frozen=True, slots=True, kw_only=True)
class EndExperimentsPage(Page):
    """Asks why the chosen experiments failed, or were stopped; `leave` is where they were chosen.

    `reason` is what was typed, if it was refused.
    """

    template: ClassVar[str] = "end_experiments.html"
    section: ClassVar[str] = "experiments"
    chosen: Chosen
    verb: Literal["fail", "stop"]
    reason: str = ""
    leave: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteExperimentsPage(Page):
    """Asks whether the chosen experiments shall be forgotten.

    `going` are those that can be; `staying` tells of the first others why they cannot, and
    `more_staying` is how many there are beside them.
    """

    template: ClassVar[str] = "delete_experiments.html"
    section: ClassVar[str] = "experiments"
    going: Chosen
    staying: tuple[str, ...]
    more_staying: int
    leave: str
