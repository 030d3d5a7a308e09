"""A gateway that was started by somebody who is not root."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ordinary_user import ordinary_gateway
from process_tree import board_processes, descendants
from running_gateway import RunningGateway

pytestmark = pytest.mark.slow
NOBODY = 65534
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def gateway() -> Iterator[RunningGateway]:
    with ordinary_gateway() as running:
        yield running


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
