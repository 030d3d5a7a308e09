"""What the pages stand on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tbgateway.boards import Boards, Visits
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.experiments import Experiments
from tbgateway.members import Members
from tbgateway.scalars import Scalars
from tbgateway.sessions import Sessions
from tbgateway.telemetry.resources import Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The use cases that pages show and forms ask for; `clock` tells Unix seconds.

    All pages that are made at once have one `share` of the event loop.
    """

    boards: Boards
    experiments: Experiments
    members: Members
    sessions: Sessions
    scalars: Scalars
    visits: Visits
    resources: Resources
    share: LoopShare
    clock: Callable[[], float] = time.time
