"""Processes that exist and answer nothing are replaced while somebody waits for them."""

import signal
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from process_tree import assert_gone, board_processes
from running_gateway import RunningGateway

pytestmark = pytest.mark.slow


def the_data_server(board: psutil.Process) -> psutil.Process:
    (server,) = board.children(recursive=True)
    return server


def test_boards_that_hang_answer_again_without_anybody_s_help(gateway: RunningGateway) -> None:
    """One stands still itself, of the other one only the data server does."""
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    gateway.cli("board", "create", "two", "-e", "second", "--wait")
    processes = board_processes(gateway)
    assert len(processes) == 2
    for stopped in (processes[0], the_data_server(processes[1])):
        stopped.send_signal(signal.SIGSTOP)

    with ThreadPoolExecutor(2) as visitors:
        one, two = visitors.map(gateway.runs, ("one", "two"))

    assert one == ["first/train", "first/val"]
    assert two == ["second/train"]
    assert_gone(processes)
    for name in ("one", "two"):
        assert gateway.admin(f"/api/v1/boards/{name}").json()["state"] == "running"
    log = gateway.log.read_text()
    assert log.count("it did not answer for") >= 2
