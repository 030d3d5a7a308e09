"""What is left when something is killed: nothing that runs, everything that was said."""

import signal

import pytest
from process_tree import assert_gone, board_processes, descendants
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)


def boards_of(gateway: RunningGateway) -> dict[str, object]:
    items = gateway.admin("/api/v1/boards").json()["items"]
    return {
        board["name"]: (board["id"], [(one["id"], one["name"]) for one in board["experiments"]])
        for board in items
    }


def experiments_of(gateway: RunningGateway) -> set[tuple[str, ...]]:
    items = gateway.admin("/api/v1/experiments").json()["items"]
    return {(one["id"], one["name"], one["path"], one["state"]) for one in items}


def test_after_kill_9_of_the_gateway_nothing_runs_and_nothing_is_lost(
    gateway: RunningGateway,
) -> None:
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    gateway.cli("board", "create", "two", "-e", "first", "-e", "second", "--wait")
    before = boards_of(gateway)
    experiments = experiments_of(gateway)
    left = descendants(gateway)
    assert len(left) >= 3  # the forkserver and two boards, with their data servers
    gateway.kill()
    assert_gone(left)
    gateway.start()
    assert boards_of(gateway) == before
    assert experiments_of(gateway) == experiments
    assert gateway.runs("two") == ["first/train", "first/val", "second/train"]


def test_a_stopped_gateway_leaves_no_process_and_no_socket(gateway: RunningGateway) -> None:
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    left = descendants(gateway)
    assert gateway.stop() == 0
    assert_gone(left)
    assert sorted(path.name for path in (gateway.home / "run").iterdir()) == []


def test_a_killed_board_comes_back(gateway: RunningGateway) -> None:
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    (process,) = board_processes(gateway)
    process.send_signal(signal.SIGKILL)
    assert_gone([process])
    assert gateway.runs("one") == ["first/train", "first/val"]


def test_a_board_that_dies_five_times_in_a_row_fails_and_says_why(
    gateway: RunningGateway,
) -> None:
    gateway.cli("board", "create", "one", "-e", "first", "--wait")

    def killed_until_failed() -> bool:
        for process in board_processes(gateway):
            process.send_signal(signal.SIGKILL)
        board = gateway.admin("/api/v1/boards/one").json()
        return bool(board["state"] == "failed")

    eventually(killed_until_failed, what="the board failed", every=0.02)
    board = gateway.admin("/api/v1/boards/one").json()
    assert "SIGKILL" in board["reason"]
    assert "5 times in a row" in board["reason"]
    answer = gateway.get("/boards/one/data/runs", ADMIN)
    assert answer.status == 503
    assert b"SIGKILL" in answer.body
    gateway.cli("board", "start", "one")
    assert gateway.runs("one") == ["first/train", "first/val"]


def test_a_link_tree_that_was_tampered_with_is_repaired_at_start(gateway: RunningGateway) -> None:
    gateway.cli("board", "create", "one", "-e", "first")
    (tree,) = eventually(
        lambda: [
            path
            for path in (gateway.home / "state").glob("boards/*/logdir")
            if (path / "first").is_symlink()
        ],
        what="the link is made",
    )
    gateway.kill()
    (tree / "first").unlink()
    (tree / "junk").symlink_to("/etc")
    gateway.start()
    eventually(
        lambda: [path.name for path in tree.iterdir()] == ["first"], what="the tree is repaired"
    )
