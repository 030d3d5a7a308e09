"""A board on which some experiments have broken projector files, and one has good ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from event_writer import write_scalars
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)
_CONFIG = 'embeddings {{ tensor_name: "words" tensor_path: "{}" }}\n'
_DATA = "/boards/words/data/plugin/projector"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a logdir root with a good experiment and all kinds of bad ones."""
    root = tmp_path / "runs"
    configs = {
        "good": _CONFIG.format("points.tsv"),
        "missing": _CONFIG.format("vectors.tsv"),
        "windows": _CONFIG.format(r"data\\points.tsv"),
        "garbage": "embeddings {{{\x01",
        "linked": None,
    }
    for name, config in configs.items():
        write_scalars(root / name, {"loss": [1.0]})
        (root / name / "points.tsv").write_text("1\t2\n3\t4\n5\t6\n")
        file = root / name / "projector_config.pbtxt"
        if config is None:
            file.symlink_to(root / "good" / "projector_config.pbtxt")
        else:
            file.write_text(config)
    return root


def problems(gateway: RunningGateway) -> dict[str, str]:
    board: dict[str, Any] = gateway.admin("/api/v1/boards/words").json()
    return {one["name"]: one["problem"] for one in board["experiments"] if one["problem"]}


def test_bad_projector_files_cost_only_their_own_experiment_and_are_told(
    start_gateway: Callable[..., RunningGateway], root: Path
) -> None:
    gateway = start_gateway(root)
    gateway.cli("board", "create", "words", *(f"-e{one.name}" for one in root.iterdir()))
    listing = gateway.get("/boards/words/data/plugins_listing", ADMIN).json()

    assert listing["projector"]["enabled"], "at the first look after a start"
    assert gateway.get(f"{_DATA}/runs", ADMIN).json() == ["good"]
    assert gateway.get(f"{_DATA}/info?run=good", ADMIN).status == 200
    tensor = gateway.get(f"{_DATA}/tensor?run=good&name=words", ADMIN)
    assert (tensor.status, len(tensor.body)) == (200, 3 * 2 * 4)

    names = {"missing", "windows", "garbage", "linked"}
    eventually(lambda: problems(gateway).keys() == names, what="the problems are told")
    told = problems(gateway)
    assert told["missing"].endswith(
        'projector_config.pbtxt names "vectors.tsv", which is not there'
    )
    assert "paths are written with /" in told["windows"]
    assert "cannot be parsed" in told["garbage"]
    assert "leads out of the experiment" in told["linked"]
    assert str(root) not in "".join(told.values())

    (root / "missing" / "vectors.tsv").write_text("1\t2\n")
    eventually(lambda: "missing" not in problems(gateway), what="what was mended is forgotten")
    assert gateway.get(f"{_DATA}/runs", ADMIN).json() == ["good", "missing"]
