"""What the launcher says of a board's newest instance, in the words that decisions are made on."""

from tbgateway.domain.lifecycle import Phase
from tbgateway.launchers.launcher import Exited, Observation, Pending, Running


def phase_of(
    observation: Observation | None, *, launched: bool, before: Phase
) -> tuple[Phase, str]:
    """Return the phase and its reason; `launched` tells whether there is an instance."""
    if not launched:
        # A failed launch left no instance, but its end is still to be decided upon.
        failed = before in {Phase.GONE, Phase.SPENT, Phase.UNREACHABLE}
        return before if failed else Phase.NONE, ""
    match observation:
        case None:
            return Phase.GONE, "its process is not known any more"
        case Pending(reason):
            return Phase.PENDING, reason
        case Running():
            return Phase.READY, ""
        case Exited(_, reason, final=True):
            return Phase.SPENT, reason
        case ended:
            return Phase.GONE, ended.reason
