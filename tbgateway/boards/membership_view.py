"""A membership as people see it."""

from dataclasses import dataclass

from tbgateway.domain.model import Experiment, Membership, MembershipState


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A membership as people see it; `visible` is None while no TensorBoard could be asked."""

    membership: Membership
    experiment: Experiment
    name: str
    state: MembershipState
    visible: bool | None
    problem: str | None

    @property
    def settled(self) -> bool:
        """Whether TensorBoard shows it, or it is known why it never will."""
        return self.state is not MembershipState.REMOVING and bool(self.visible or self.problem)
