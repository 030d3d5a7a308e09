"""Every experiment of the corpus looks on a board exactly as in a stock TensorBoard."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually
from stock_tensorboard import StockTensorBoard, comparable, points_path, tags

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ADMIN = ("admin", ADMIN_PASSWORD)


@pytest.fixture(scope="module")
def gateway(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with RunningGateway(tmp_path_factory.mktemp("gateway"), [corpus]) as running:
        yield running


def experiments(gateway: RunningGateway) -> list[str]:
    return [one["name"] for one in gateway.admin("/api/v1/experiments?limit=1000").json()["items"]]


def board_get(gateway: RunningGateway, board: str, path: str) -> Any:
    answer = gateway.get(f"/boards/{board}{path}", ADMIN)
    assert answer.status == 200, (path, answer)
    return answer.json()


def as_link(experiment: str, run: str) -> str:
    return experiment if run == "." else f"{experiment}/{run}"


def test_every_directory_of_the_corpus_with_event_files_is_an_experiment(
    gateway: RunningGateway, corpus: Path
) -> None:
    expected = {path.relative_to(corpus).parts[0] for path in corpus.glob("**/*tfevents*")}
    assert set(experiments(gateway)) == expected
    assert len(expected) >= 16


def test_each_board_lists_the_runs_and_points_that_stock_tensorboard_shows(
    gateway: RunningGateway, corpus: Path
) -> None:
    compared = 0
    for number, experiment in enumerate(experiments(gateway)):
        board = f"one-{number}"
        gateway.cli("board", "create", board, "-e", experiment)
        with StockTensorBoard(corpus / experiment) as stock:
            expected = [as_link(experiment, run) for run in stock.settled_runs()]
            assert gateway.runs(board) == sorted(expected), experiment
            for plugin, run, tag in tags(stock.get)[:3]:
                theirs = comparable(stock.get(points_path(plugin, run, tag)))
                link = as_link(experiment, run)
                ours = comparable(board_get(gateway, board, points_path(plugin, link, tag)))
                assert ours == theirs, (experiment, plugin, run, tag)
                compared += 1
        gateway.cli("board", "delete", board)
    assert compared >= 30


def test_all_experiments_fit_on_one_board(gateway: RunningGateway, corpus: Path) -> None:
    names = experiments(gateway)
    words = [word for name in names for word in ("-e", name)]
    gateway.cli("board", "create", "everything", *words, "--wait")
    with StockTensorBoard(corpus) as stock:
        expected = stock.settled_runs()
    assert gateway.runs("everything") == expected
    gateway.cli("board", "delete", "everything")


def test_experiments_come_and_go_while_somebody_reads(gateway: RunningGateway) -> None:
    names = experiments(gateway)
    gateway.cli("board", "create", "changing", "-e", names[0], "--wait")
    stop = threading.Event()
    failures: list[object] = []
    reads = 0

    def read() -> None:
        nonlocal reads
        while not stop.is_set():
            for path in ("/data/runs", "/data/plugin/scalars/tags", "/data/plugins_listing"):
                answer = gateway.get(f"/boards/changing{path}", ADMIN)
                reads += 1
                if answer.status != 200:
                    failures.append((path, answer))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for name in names[1:]:
            gateway.cli("board", "add", "changing", name, "--wait")
        for name in names[1:]:
            gateway.cli("board", "remove", "changing", name)
        eventually(
            lambda: all(run.split("/")[0] == names[0] for run in gateway.runs("changing")),
            what="only the first experiment is left",
        )
    finally:
        stop.set()
        reader.join()
    assert not failures
    assert reads > 100
