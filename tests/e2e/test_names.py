"""Names that are awkward in paths, URLs and terminals, through everything at once."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from event_writer import write_scalars
from running_gateway import ADMIN_PASSWORD, RunningGateway

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)
NAMES = (
    "lr=0.1, batch 32",
    "100 % #1",
    "réseau-ß-模型-🧪",
    "%2e%2e",
    "a+b&c=d;e?f",
    'it\'s "quoted" \\ back',
    "trailing dot.",
)


@pytest.mark.parametrize("launcher", ["forkserver", "exec"])
def test_awkward_names_are_runs_with_points(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path, launcher: str
) -> None:
    for number, name in enumerate(NAMES):
        write_scalars(tmp_path / "runs" / name / "train", {"loss": [float(number)]})
    gateway = start_gateway(tmp_path / "runs", environment={"TBGATEWAY_BOARDS__LAUNCHER": launcher})
    words = [word for name in NAMES for word in ("-e", name)]
    gateway.cli("board", "create", "awkward", *words, "--wait")
    assert gateway.runs("awkward") == sorted(f"{name}/train" for name in NAMES)
    for number, name in enumerate(NAMES):
        query = urlencode({"run": f"{name}/train", "tag": "loss"})
        path = f"/boards/awkward/data/plugin/scalars/scalars?{query}"
        assert [point[2] for point in gateway.get(path, ADMIN).json()] == [float(number)]
    for name in NAMES[1:]:
        gateway.cli("board", "remove", "awkward", name, "--wait")
    assert gateway.runs("awkward") == [f"{NAMES[0]}/train"]


def test_names_that_would_shadow_each_other_are_refused_and_change_nothing(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path
) -> None:
    write_scalars(tmp_path / "runs" / "model", {"loss": [1.0]})
    write_scalars(tmp_path / "runs" / "model" / "fold-1", {"loss": [1.0]})
    gateway = start_gateway(tmp_path / "runs")
    gateway.cli("board", "create", "folds", "-e", "model")
    inner = str(tmp_path / "runs" / "model" / "fold-1")
    refused = gateway.cli("board", "add", "folds", inner, status=5)
    assert "'model/fold-1' would lie inside 'model'" in refused.stderr
    assert "--name" in refused.stderr
    (shown,) = gateway.admin("/api/v1/boards/folds").json()["experiments"]
    assert shown["name"] == "model"


def test_the_same_name_in_two_roots_shows_with_its_root(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path
) -> None:
    for root in ("alice", "bob"):
        write_scalars(tmp_path / root / "baseline", {"loss": [1.0]})
    gateway = start_gateway(tmp_path / "alice", f"robert={tmp_path / 'bob'}")
    refused = gateway.cli("board", "create", "both", "-e", "baseline", status=5)
    assert "alice:baseline, robert:baseline" in refused.stderr
    words = ("-e", "alice:baseline", "-e", "robert:baseline", "--wait")
    gateway.cli("board", "create", "both", *words)
    assert gateway.runs("both") == ["alice:baseline", "robert:baseline"]


def test_with_depth_two_experiments_are_named_after_project_and_run(
    start_gateway: Callable[..., RunningGateway], tmp_path: Path
) -> None:
    write_scalars(tmp_path / "runs" / "vision" / "run 1", {"loss": [1.0]})
    gateway = start_gateway(tmp_path / "runs", flags=["--depth=2"])
    gateway.cli("board", "create", "deep", "-e", "vision/run 1", "--wait")
    assert gateway.runs("deep") == ["vision/run 1"]
