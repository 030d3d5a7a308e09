"""One board's memory, processor time or crashes are its own: all others go on answering."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from cgroup_tree import real_group
from process_tree import assert_gone, board_processes, descendants
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually
from steady_callers import Callers, Errand
from trouble_plugin import TROUBLE, install

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)
LIMIT = 384  # MiB

WELL = ("calm", "quiet")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return what gives boards a plugin that makes trouble, and a limit to their memory."""
    limit = {"TBGATEWAY_BOARDS__BOARD_MEMORY": f"{LIMIT} MiB"}
    return install(tmp_path / "plugins") | limit


@pytest.fixture
def group() -> Iterator[Path]:
    with real_group() as group:
        yield group


def state_of(gateway: RunningGateway, board: str) -> tuple[str, str]:
    told = gateway.admin(f"/api/v1/boards/{board}").json()
    return told["state"], told["reason"]


def crash_until_it_failed(gateway: RunningGateway) -> None:
    def crashed() -> bool:
        with suppress(OSError):  # its end may cut the answer off
            gateway.get(f"/boards/crashing/{TROUBLE}/crash", ADMIN)
        return state_of(gateway, "crashing")[0] == "failed"

    eventually(crashed, what="it crashed for good", every=0.02)


def eat_until_it_failed(gateway: RunningGateway) -> None:
    with suppress(OSError):
        gateway.get(f"/boards/eating/{TROUBLE}/eat", ADMIN)
    eventually(lambda: state_of(gateway, "eating")[0] == "failed", what="it ate too much")


def spin(gateway: RunningGateway) -> None:
    with suppress(OSError):  # nobody ever answers
        gateway.get(f"/boards/spinning/{TROUBLE}/spin", ADMIN, timeout=1)


def test_a_board_that_spins_one_that_eats_and_one_that_crashes_trouble_nobody_else(
    start_gateway: Callable[..., RunningGateway], runs: Path, environment: dict[str, str]
) -> None:
    gateway = start_gateway(runs, environment=environment)
    for name in WELL:
        gateway.cli("board", "create", name, "-e", "first", "--wait")
    well = set(board_processes(gateway))
    for name in ("spinning", "eating", "crashing"):
        gateway.cli("board", "create", name, "-e", "second", "--wait")
    asked = [f"/boards/{name}/data/{what}" for name in WELL for what in ("runs", "environment")]
    errands = [Errand(path, keeps=True) for path in (*asked, "/api/v1/boards", "/healthz")]

    with Callers(gateway.port, errands) as callers:
        callers.until_everybody_was_answered()
        spin(gateway)
        with ThreadPoolExecutor(2) as troublemakers:
            deeds = [
                troublemakers.submit(one, gateway)
                for one in (crash_until_it_failed, eat_until_it_failed)
            ]
            for deed in deeds:
                deed.result()
        callers.until_everybody_was_answered()

    assert callers.failures == []
    assert well <= set(board_processes(gateway)), "the others are the same processes"
    assert "exit status 7" in state_of(gateway, "crashing")[1]
    assert "over its memory limit" in state_of(gateway, "eating")[1]


def test_each_board_has_a_control_group_that_is_empty_and_gone_after_it(
    start_gateway: Callable[..., RunningGateway], runs: Path, group: Path, tmp_path: Path
) -> None:
    """The gateway is started in a group that is delegated to it, as systemd does, and killed."""
    gateway = start_gateway(runs, python=str(interpreter_in(group, tmp_path)))
    gateway.cli("board", "create", "calm", "-e", "first", "--wait")
    (board,) = board_processes(gateway)
    (made,) = groups_in(group)
    assert gateway.process is not None
    assert gateway.process.pid in members(group / "gateway")
    assert members(made) == {board.pid, *(one.pid for one in board.children(recursive=True))}

    left = descendants(gateway)
    gateway.kill()
    assert_gone(left)
    assert made.is_dir()
    gateway.start()
    assert groups_in(group) == []
    assert gateway.runs("calm") == ["first/train", "first/val"]
    (another,) = groups_in(group)
    assert another != made
    gateway.cli("board", "stop", "calm")
    assert groups_in(group) == []
    gateway.stop()
    assert sorted(entry.name for entry in group.iterdir() if entry.is_dir()) == ["gateway"]


def interpreter_in(group: Path, home: Path) -> Path:
    """Return a Python that puts itself into a group first, if that takes processes."""
    program = home / "python"
    enter = f"echo $$ >{group}/cgroup.procs || echo $$ >{group}/gateway/cgroup.procs"
    program.write_text(
        f'#!/bin/sh\nif [ "$3" = serve ]; then {enter}; fi\nexec {sys.executable} "$@"\n'
    )
    program.chmod(0o755)
    return program


def groups_in(group: Path) -> list[Path]:
    return [Path(entry.path) for entry in os.scandir(group / "boards") if entry.is_dir()]


def members(group: Path) -> set[int]:
    return set(map(int, (group / "cgroup.procs").read_text().split()))
