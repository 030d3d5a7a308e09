import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tbgateway.domain.names import check_board_name
from tbgateway.training.board_choice import boards_of
from tbgateway.training.run_order import RunOrder

NO_WAY = "unix:/nonexistent"


def order(name: str = "resnet", url: str = NO_WAY) -> RunOrder:
    return RunOrder(command=("true",), name=name, boards=("vision",), params={}, url=url)


def test_boards_that_are_named_are_meant() -> None:
    assert boards_of(order()) == ("vision",)


@pytest.mark.parametrize(
    ("experiment", "board"),
    [
        ("resnet-50", "resnet-50"),
        ("ResNet 50, lr=0.1", "resnet-50-lr-0-1"),
        ("vision/run 7", "vision-run-7"),
        ("моя модель", "tensorboard"),
        ("EX0123456789", "tensorboard"),
        ("x" * 59 + "-" + "y" * 40, "x" * 59),
    ],
)
def test_a_new_board_is_called_like_the_experiment(experiment: str, board: str) -> None:
    chosen = boards_of(replace(order(experiment), only_board=True))
    assert chosen == ("vision", board)
    check_board_name(board)


def test_a_board_that_cannot_be_asked_for_is_named_as_it_was() -> None:
    assert boards_of(replace(order(), board_that_is="tb0123456789")) == ("vision", "tb0123456789")


def test_a_gateway_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "control"))
        listener.listen()
        stuck = order(url=f"unix:{tmp_path / 'control'}")
        assert boards_of(replace(stuck, only_board=True)) == ("vision", "resnet")


@pytest.mark.parametrize("rank", ["RANK", "SLURM_PROCID"])
def test_only_the_first_of_several_processes_asks_a_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rank: str
) -> None:
    monkeypatch.setenv(rank, "1")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "control"))
        listener.listen()
        listener.setblocking(False)  # noqa: FBT003 - its only argument has no name
        mine = order(url=f"unix:{tmp_path / 'control'}")
        for asking in (replace(mine, only_board=True), replace(mine, board_that_is="vision")):
            assert boards_of(asking) == ()
        with pytest.raises(BlockingIOError):  # nobody came
            listener.accept()


def test_an_address_that_is_none_is_told_by_who_reads_it() -> None:
    wrong = order(url="nonsense")
    assert boards_of(replace(wrong, only_board=True)) == ("vision", "resnet")
