from pathlib import Path

from tbgateway.domain.names import BoardId
from tbgateway.supervisor.layout import Layout

BOARD = BoardId("tb0000000001")
STATE = Path("/state")


def test_everything_of_a_board_lies_in_one_directory_of_its_own() -> None:
    layout = Layout(STATE)
    home = STATE / "boards" / BOARD
    assert layout.board(BOARD) == home
    assert layout.everything(BOARD) == (home,)
    inside = {
        layout.tree(BOARD),
        layout.staging(BOARD),
        layout.scratch(BOARD),
        layout.log(BOARD),
    }
    assert len(inside) == 4
    assert all(path.parent == home for path in inside)


def test_trees_may_lie_elsewhere_and_are_staged_beside_themselves() -> None:
    layout = Layout(STATE, Path("/shared/trees"))
    assert layout.tree(BOARD) == Path("/shared/trees") / BOARD / "logdir"
    assert layout.staging(BOARD).parent == layout.tree(BOARD).parent
    assert layout.log(BOARD) == Layout(STATE).log(BOARD)
    assert set(layout.everything(BOARD)) == {
        STATE / "boards" / BOARD,
        Path("/shared/trees") / BOARD,
    }
