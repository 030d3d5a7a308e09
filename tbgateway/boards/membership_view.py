"""A membership as people see it."""

from dataclasses import dataclass
from typing import Self

from tbgateway.domain.model import Experiment, Membership, MembershipState
from tbgateway.supervisor.status import BoardStatus


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A membership as people see it; `visible` is None while no TensorBoard could be asked."""

    membership: Membership
    experiment: Experiment
    name: str
    state: MembershipState
    visible: bool | None
    problem: str | None
    flawed: bool = False
    """Whether it is shown in spite of its problem."""

    @classmethod
    def of(
        cls, membership: Membership, experiment: Experiment, name: str, status: BoardStatus
    ) -> Self:
        """Put together what is stored and what the supervisor sees."""
        return cls(
            membership=membership,
            experiment=experiment,
            name=name,
            state=membership.state(experiment),
            visible=None if status.visible is None else experiment.id in status.visible,
            problem=experiment.problem or status.problems.get(experiment.id),
            flawed=experiment.problem is None and experiment.id in status.flawed,
        )

    @property
    def settled(self) -> bool:
        """Whether TensorBoard shows it, or it is known why it never will."""
        hopeless = bool(self.problem) and not self.flawed
        return self.state is not MembershipState.REMOVING and (bool(self.visible) or hopeless)
