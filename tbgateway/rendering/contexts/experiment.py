"""The page about one experiment."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.model import ExperimentState
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.refused import Refused
from tbgateway.rendering.figures import Moment
from tbgateway.rendering.sparkline import Sparkline


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentFacts:
    """What is known of an experiment; `held` ones run until somebody says otherwise."""

    id: str
    name: str
    path: str
    state: ExperimentState
    reason: str
    problem: str
    held: bool
    size: str
    last_event: Moment | None
    found: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentPage(Page):
    """One experiment, and the boards that show it; `new_name` is what was typed to rename it.

    `lines` are its foremost scalars, `more_lines` how many are known beside them. `reading` tells
    that there may be more, `flaw` what could not be read.
    """

    template: ClassVar[str] = "experiment.html"
    section: ClassVar[str] = "experiments"
    experiment: ExperimentFacts
    boards: tuple[str, ...]
    lines: tuple[Sparkline, ...]
    more_lines: int
    reading: bool
    flaw: str
    new_name: str
    refused: Refused | None
