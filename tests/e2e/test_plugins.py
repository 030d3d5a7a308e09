"""Plugins from the package index, through a whole gateway: one works, one cannot be imported."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from event_writer import write_scalars
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)
PLUGINS = Path(sys.prefix) / "third-party-plugins"  # by tests/setup/plugins.sh
PROFILER = "pytorch_profiler"
_DATA = f"/boards/profiled/data/plugin/{PROFILER}"


@pytest.fixture
def environment() -> dict[str, str]:
    """Return what lets a gateway find the plugins that `make test` installed."""
    if not PLUGINS.is_dir():
        pytest.skip("the third-party plugins are not installed")
    return {"PYTHONPATH": str(PLUGINS)}


@pytest.fixture
def profiled(tmp_path: Path) -> Path:
    """Return a logdir root with an experiment that was profiled."""
    directory = tmp_path / "runs" / "resnet"
    write_scalars(directory, {"loss": [1.0]})
    (directory / "trainer.pt.trace.json").write_text(json.dumps(_trace()))
    return tmp_path / "runs"


def _trace() -> dict[str, Any]:
    """Return a trace as PyTorch's profiler writes it: two steps with an operator each."""
    events = []
    for step in range(2):
        begin = 1000 * (step + 1)
        events += [
            _event("user_annotation", f"ProfilerStep#{step}", begin, 900),
            _event("cpu_op", "aten::conv2d", begin + 100, 500),
        ]
    return {"schemaVersion": 1, "traceEvents": events}


def _event(kind: str, name: str, begin: int, duration: int) -> dict[str, Any]:
    place = {"ph": "X", "pid": 7, "tid": 7, "ts": begin, "dur": duration}
    return {"cat": kind, "name": name, "args": {}, **place}


def listing(gateway: RunningGateway) -> dict[str, Any]:
    answer: dict[str, Any] = gateway.get("/boards/profiled/data/plugins_listing", ADMIN).json()
    return answer


@pytest.fixture
def home() -> Iterator[str]:
    # Not tmp_path: the profiler's own sockets lie below it, in paths of 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="tbg", ignore_cleanup_errors=True) as name:
        yield name


@pytest.mark.parametrize("launcher", ["forkserver", "exec"])
def test_an_allowed_plugin_shows_its_data_and_a_broken_one_is_only_noted(
    start_gateway: Callable[..., RunningGateway],
    environment: dict[str, str],
    profiled: Path,
    home: str,
    launcher: str,
) -> None:
    environment |= {
        "TBGATEWAY_BOARDS__PLUGINS": "Torch_TB.Profiler,wit",
        "TBGATEWAY_BOARDS__LAUNCHER": launcher,
    }
    gateway = start_gateway(profiled, home=home, environment=environment)
    gateway.cli("board", "create", "profiled", "-e", "resnet", "--wait")

    assert listing(gateway)[PROFILER]["loading_mechanism"]["type"] == "IFRAME"
    assert "wit" not in listing(gateway)
    assert "plugin wit of tensorboard-plugin-wit is left out" in gateway.log.read_text()
    entry = gateway.get(f"/boards/profiled/data/plugin_entry.html?name={PROFILER}", ADMIN)
    assert b'import("./index.js")' in entry.body
    module = gateway.get(f"{_DATA}/index.js", ADMIN)
    assert (module.status, module.headers["Content-Type"]) == (200, "application/javascript")
    eventually(
        lambda: (
            gateway.get(f"{_DATA}/runs", ADMIN).json() == {"runs": ["resnet"], "loading": False}
        ),
        what="the trace is read",
    )
    query = "run=resnet&worker=trainer&span=default&view=Operator&group_by=Operation"
    operators = gateway.get(f"{_DATA}/operation/table?{query}", ADMIN).json()
    assert [(one["name"], one["calls"]) for one in operators["data"]] == [("aten::conv2d", 2)]


def test_a_plugin_that_is_installed_and_not_allowed_is_not_there(
    start_gateway: Callable[..., RunningGateway], environment: dict[str, str], profiled: Path
) -> None:
    gateway = start_gateway(profiled, environment=environment)
    gateway.cli("board", "create", "profiled", "-e", "resnet", "--wait")

    assert PROFILER not in listing(gateway)
    assert gateway.get(f"{_DATA}/runs", ADMIN).status == 404
    assert 'boards.plugins = [\\"torch-tb-profiler\\"]' in gateway.log.read_text()
