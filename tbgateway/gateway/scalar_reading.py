"""Who reads the experiments' scalars, and whom it tells."""

import os
from collections.abc import Callable, Mapping

from tbgateway.discovery import EventFileLists, Root
from tbgateway.domain.names import ExperimentId
from tbgateway.launchers.worker_process import module_command, worker_environment
from tbgateway.scalars import Reader, Scalars


def make_scalars(
    roots: Mapping[str, Root], search_depth: int, changed: Callable[[ExperimentId], None]
) -> Scalars:
    """Make what knows them; the process that reads is started when it is needed."""
    paths = (str(root.path) for root in roots.values())
    command = module_command("tbgateway.worker.scalar_reader", str(os.getpid()), *paths)
    files = EventFileLists(roots, search_depth)
    return Scalars(Reader(command, worker_environment()), files.of, changed)
