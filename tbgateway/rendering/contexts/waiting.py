"""The page of a board that opens in a moment."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.rendering.contexts.page import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRead:
    """An experiment whose event files are read, or that cannot be shown for this `problem`."""

    id: str
    name: str
    size: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a board's process does: in a word, for how many seconds, and of how much.

    `experiments` are the largest of `count`, which hold `size` together.
    """

    doing: str = "starting"
    seconds: int = 0
    experiments: tuple[ExperimentRead, ...] = ()
    count: int = 0
    size: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage(Page):
    """A board that is starting; the page asks again by itself after `again` seconds."""

    template: ClassVar[str] = "waiting.html"
    board: str
    again: int
    reading: Reading
