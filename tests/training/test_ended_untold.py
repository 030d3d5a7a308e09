"""What ended before its first event, while the gateway was away; and boards that nobody sees."""

from pathlib import Path

import pytest
from faulty_way import FaultyWay
from running_api import RunningApi
from running_gateway import eventually

import tbgateway
from tbgateway.domain.errors import NotFoundError
from tbgateway.training.memberships import put_on_board

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.mark.parametrize("boards", [(), ("vision",)])
def test_a_crash_while_the_gateway_was_away_is_not_lost(
    way: FaultyWay, api: RunningApi, token: Path, boards: tuple[str, ...]
) -> None:
    with tbgateway.experiment("earlier", url=way.url, token_file=token):
        pass
    way.is_cut = True
    with (
        pytest.raises(ImportError),
        tbgateway.experiment("a/b", boards=boards, url=way.url, token_file=token) as crashed,
    ):
        raise ImportError("no torch")
    way.is_cut = False
    spool = Path.home() / ".local/state/tbgateway/spool"
    assert len(list(spool.glob("*.json"))) == 1
    with tbgateway.experiment("next", url=way.url, token_file=token):
        eventually(lambda: not list(spool.glob("*.json")), what="told")
    found = api.client.experiments.show(crashed.logdir)
    assert (found.name, found.state) == ("a/b", "failed")
    assert (found.reason, found.lease) == ("ImportError: no torch", None)
    for board in boards:
        assert [one.id for one in api.client.boards.show(board).experiments] == [found.id]


def test_a_board_that_may_not_be_seen_is_told_as_such(api: RunningApi, token: Path) -> None:
    api.client.boards.create("carolspw", access="password", username="c", password="correct-horse")
    client = tbgateway.Client(api.url, token=token.read_text())
    with (
        tbgateway.experiment("resnet", url=api.url, token_file=token) as exp,
        pytest.raises(NotFoundError, match="'carolspw' belongs to a board that this token") as no,
    ):
        put_on_board(client, str(exp.id), "carolspw", create=True)
    assert no.value.hint == "Choose another name, or ask the board's owner for access to it."
