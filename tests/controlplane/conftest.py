"""A gateway whose boards are fakes, on experiments of one event file each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from event_writer import write_scalars
from running_api import MakeExperiment, RunningApi


@pytest.fixture
def make_experiment(tmp_path: Path) -> MakeExperiment:
    """Return a function that writes an experiment below the logdir."""

    def make(name: str) -> Path:
        write_scalars(tmp_path / "runs" / name, {"loss": [1.0, 0.5]})
        return tmp_path / "runs" / name

    return make


@pytest.fixture
def gateway(tmp_path: Path, make_experiment: MakeExperiment) -> Iterator[RunningApi]:
    """Return a running API with the experiments `first` and `second`."""
    make_experiment("first")
    make_experiment("second")
    with RunningApi(tmp_path / "gw", tmp_path / "runs") as running:
        yield running
