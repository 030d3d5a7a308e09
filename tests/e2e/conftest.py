"""Real gateways on real event files."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from event_writer import write_scalars
from running_gateway import RunningGateway


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return a logdir root with the experiments `first` and `second`."""
    root = tmp_path / "runs"
    for name, runs_of_it in (("first", ("train", "val")), ("second", ("train",))):
        for run in runs_of_it:
            write_scalars(root / name / run, {"loss": [1.0, 0.5, 0.25], f"only/{name}": [1.0]})
    return root


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[Callable[..., RunningGateway]]:
    """Return a function that starts a gateway; all are ended after the test."""
    with ExitStack() as stack:

        def start(*logdirs: Path | str, home: str = "gateway", **options: object) -> RunningGateway:
            gateway = RunningGateway(tmp_path / home, logdirs, **options)  # type: ignore[arg-type] # given by name
            return stack.enter_context(gateway)

        yield start


@pytest.fixture
def gateway(start_gateway: Callable[..., RunningGateway], runs: Path) -> RunningGateway:
    """Return a gateway on `runs`."""
    return start_gateway(runs)
