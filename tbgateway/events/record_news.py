"""What a change of records is news of."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from tbgateway.domain.description import same
from tbgateway.domain.model import (
    Board,
    Description,
    Experiment,
    Member,
    Membership,
    Record,
    Replacement,
    Session,
    Token,
)
from tbgateway.domain.names import ExperimentId
from tbgateway.events.bus import Bus
from tbgateway.events.news import (
    AccountsChanged,
    BoardChanged,
    BoardGone,
    ExperimentChanged,
    ExperimentGone,
    News,
)


class Records(Protocol):
    """What is asked of the store."""

    def experiments_named(self, name: str) -> tuple[Experiment, ...]:
        """Return the experiments of this name."""

    def boards_showing(self, experiment_id: ExperimentId) -> tuple[Membership, ...]:
        """Return an experiment's memberships."""


class RecordNews:
    """Tells a bus what was committed. To be called with every committed change."""

    def __init__(self, bus: Bus, records: Records) -> None:
        self._bus = bus
        self._records = records

    def __call__(self, replacements: Sequence[Replacement]) -> None:
        """Publish what the replacements are news of, each subject once."""
        changed = (one for one in replacements if _differ(*one))
        news = (one for replaced in changed for one in self._news(*replaced))
        self._bus.publish(*dict.fromkeys(news))

    def _news(self, before: Record | None, after: Record | None) -> Iterable[News]:
        match before or after:
            case Board():
                return _of_board(before, after)
            case Membership(board_id=board_id):
                return (BoardChanged(board_id),)
            case Experiment():
                return self._of_experiment(before, after)
            case Description(experiment_id=experiment_id):
                # One that is gone went with its experiment.
                return () if after is None else (ExperimentChanged(experiment_id),)
            case Member() | Token() | Session():
                return (AccountsChanged(),)
            case _:
                return ()

    def _of_experiment(self, before: Record | None, after: Record | None) -> Iterator[News]:
        if isinstance(after, Experiment):
            yield ExperimentChanged(after.id)
        elif isinstance(before, Experiment):
            yield ExperimentGone(before.id, self._former_name(before))
        if _on_boards(before) != _on_boards(after):
            names = {one.name for one in (before, after) if isinstance(one, Experiment)}
            for name in sorted(names):
                yield from self._of_namesakes(name)

    def _of_namesakes(self, name: str) -> Iterator[News]:
        """Tell that what boards show of an experiment changed, and maybe its namesakes' names."""
        for experiment in self._records.experiments_named(name):
            yield ExperimentChanged(experiment.id)
            for membership in self._records.boards_showing(experiment.id):
                yield BoardChanged(membership.board_id)

    def _former_name(self, experiment: Experiment) -> str:
        alone = not self._records.experiments_named(experiment.name)
        return experiment.name if alone else f"{experiment.root}:{experiment.name}"


def _differ(before: Record | None, after: Record | None) -> bool:
    if isinstance(before, Description) and isinstance(after, Description):
        return not same(before, after)
    return before != after


def _of_board(before: Record | None, after: Record | None) -> Iterator[News]:
    if isinstance(before, Board) and _seen_by(before) != _seen_by(after):
        yield BoardGone(before)
    if isinstance(after, Board) and _told(before) != _told(after):
        yield BoardChanged(after.id)


def _seen_by(record: Record | None) -> object:
    return (record.access, record.owner) if isinstance(record, Board) else None


def _told(record: Record | None) -> object:
    """Return what people are told of a board's record, but for its last visit."""
    if not isinstance(record, Board):
        return None
    told = record.name, record.owner, record.access, record.username
    return told, record.paused, record.idle_timeout


def _on_boards(record: Record | None) -> object:
    """Return what boards tell of their experiments' records."""
    if not isinstance(record, Experiment):
        return None
    return record.root, record.name, record.state, record.problem
