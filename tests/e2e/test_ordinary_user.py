"""A gateway that was started by somebody who is not root."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from event_writer import write_scalars
from process_tree import board_processes, descendants
from running_gateway import RunningGateway

pytestmark = pytest.mark.slow
NOBODY = 65534
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def gateway() -> Iterator[RunningGateway]:
    """Yield a gateway of an ordinary user: of the user `nobody`, if the tests run as root."""
    user = NOBODY if os.getuid() == 0 else None
    paths = [str(PROJECT), *(path for path in sys.path if path.endswith("site-packages"))]
    environment = {"PYTHONPATH": ":".join(paths), "HOME": "/nonexistent"}
    python = interpreter(environment, user)
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        write_scalars(home / "runs" / "first", {"loss": [1.0, 0.5]})
        for path in [home, *home.rglob("*")]:
            os.chown(path, user if user is not None else -1, -1)
        with RunningGateway(
            home, [home / "runs"], environment=environment, python=python, user=user
        ) as running:
            yield running


def interpreter(environment: dict[str, str], user: int | None) -> str:
    """Return a Python of this version that the user may execute."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(name, path="/usr/bin:/usr/local/bin")):
        command = [str(python), "-c", "import aiohttp, tensorboard, tbgateway"]
        try:
            subprocess.run(
                command, user=user, env=environment, cwd="/", check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return str(python)
    pytest.skip("the interpreter is not readable for another user")


def test_boards_of_an_ordinary_user_are_out_of_everybodys_reach(gateway: RunningGateway) -> None:
    gateway.cli("board", "create", "vision", "-e", "first", "--wait")
    assert gateway.runs("vision") == ["first"]
    (board,) = board_processes(gateway)
    (note,) = gateway.admin("/api/v1/boards/vision").json()["notes"]
    if namespaces_allowed():
        assert note == "Rust data server in a private network"
        assert namespace(board.pid) != namespace(os.getpid())
    else:  # then the data server must not run at all: it would listen for everybody
        assert note.startswith("Python loader")


def namespaces_allowed() -> bool:
    user = NOBODY if os.getuid() == 0 else None
    tried = subprocess.run(["unshare", "-Urn", "true"], user=user, cwd="/", check=False)
    return tried.returncode == 0


def namespace(pid: int) -> Path:
    return Path(f"/proc/{pid}/ns/net").readlink()


def test_nothing_of_it_runs_as_anybody_else(gateway: RunningGateway) -> None:
    gateway.cli("board", "create", "vision", "-e", "first", "--wait")
    expected = NOBODY if os.getuid() == 0 else os.getuid()
    assert {one.uids().real for one in descendants(gateway)} == {expected}
