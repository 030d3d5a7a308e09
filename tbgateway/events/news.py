"""What there can be news of.

News names its subject and not what became of it: whoever passes it on looks at how things are by
then. So the newest news of a subject says all that older ones said.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from tbgateway.domain.model import Board
from tbgateway.domain.names import BoardId, ExperimentId


@dataclass(frozen=True, slots=True)
class BoardChanged:
    """A board was made, changed, or does something else now."""

    board_id: BoardId

    @property
    def subject(self) -> Hashable:
        """Newer news of the same subject takes the place of this one."""
        return BoardChanged, self.board_id


@dataclass(frozen=True, slots=True)
class BoardGone:
    """A board was deleted, or closed to some; `board` is as it was when they could see it."""

    board: Board

    @property
    def subject(self) -> Hashable:
        """Those who could see it one way may be others than those who could another way."""
        return BoardGone, self.board.id, self.board.access, self.board.owner


@dataclass(frozen=True, slots=True)
class ExperimentChanged:
    """An experiment was found or changed."""

    experiment_id: ExperimentId

    @property
    def subject(self) -> Hashable:
        """Newer news of the same subject takes the place of this one."""
        return ExperimentChanged, self.experiment_id


@dataclass(frozen=True, slots=True)
class ExperimentGone:
    """An experiment was forgotten; `name` is the one that people saw."""

    experiment_id: ExperimentId
    name: str

    @property
    def subject(self) -> Hashable:
        """Ids are never used again."""
        return ExperimentGone, self.experiment_id


@dataclass(frozen=True, slots=True)
class AccountsChanged:
    """A member or a token changed: who listens may have lost the right to. Told to nobody."""

    @property
    def subject(self) -> Hashable:
        """There is one such subject."""
        return AccountsChanged


News = BoardChanged | BoardGone | ExperimentChanged | ExperimentGone | AccountsChanged
