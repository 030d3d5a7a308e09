"""Weighing the boards that run, so that each keeps to its limit, and all to theirs."""

from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.telemetry.resources import Resources

_NEAR = 0.8  # of one board's limit; from there on its memory is measured exactly each time


async def weigh(resources: Resources, supervisor: Supervisor) -> None:
    """Measure what they use, and tell the supervisor."""
    near = int(supervisor.memory_limits().board * _NEAR)
    launches = supervisor.launches
    supervisor.weighed(await resources.look(near), launches)
