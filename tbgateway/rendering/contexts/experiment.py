"""The page about one experiment."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.model import ExperimentState
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.refused import Refused
from tbgateway.rendering.contexts.tags import TagLinks
from tbgateway.rendering.figures import Moment
from tbgateway.rendering.sparkline import Sparkline


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentFacts:
    """What is known of an experiment; `holding` says why it counts as running, if not for events.

    `heard` is when its script was heard last, `ended` when that said that it was over.
    """

    id: str
    name: str
    path: str
    state: ExperimentState
    reason: str
    problem: str
    holding: str
    heard: Moment | None
    size: str
    last_event: Moment | None
    ended: Moment | None
    found: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What people and scripts say of it: `params` are names and values.

    `by_file` if some of it was read from a file beside the event files; `problem` says what could
    not be read there, or is empty.
    """

    params: tuple[tuple[str, str], ...]
    tags: TagLinks
    notes: str
    by_file: bool
    problem: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not (self.params or self.tags.links or self.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentPage(Page):
    """One experiment, and the boards that show it; `new_name` is what was typed to rename it.

    `lines` are its foremost scalars, `more_lines` how many are known beside them. `reading` tells
    that there may be more, `flaw` what could not be read.
    """

    template: ClassVar[str] = "experiment.html"
    section: ClassVar[str] = "experiments"
    experiment: ExperimentFacts
    described: Described
    boards: tuple[str, ...]
    lines: tuple[Sparkline, ...]
    more_lines: int
    reading: bool
    flaw: str
    new_name: str
    refused: Refused | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeExperimentPage(Page):
    """A form that says what an experiment is: its `params`, `tags` and `notes` as they are typed.

    `action` takes the form, `leave` is the page about the experiment. `shown` are hidden fields
    with what the form showed at first: only what is not as it was there is changed.
    """

    template: ClassVar[str] = "describe_experiment.html"
    section: ClassVar[str] = "experiments"
    action: str
    leave: str
    name: str
    params: str
    tags: str
    notes: str
    shown: tuple[tuple[str, str], ...]
