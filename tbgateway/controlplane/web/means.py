"""What the pages stand on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tbgateway.boards import Boards
from tbgateway.experiments import Experiments
from tbgateway.members import Members


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The use cases that pages show and forms ask for; `clock` tells Unix seconds."""

    boards: Boards
    experiments: Experiments
    members: Members
    clock: Callable[[], float] = time.time
