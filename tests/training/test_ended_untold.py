"""What ended before its first event, while the gateway was away; and boards that nobody sees."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from faulty_way import FaultyWay, faulty_way_to
from running_api import RunningApi
from running_gateway import eventually

import tbgateway
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Role
from tbgateway.training.memberships import put_on_board

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def api(tmp_path: Path, root: Path, own_home: Path) -> Iterator[RunningApi]:
    assert own_home.is_dir()
    with RunningApi(tmp_path / "gateway", root) as api:
        yield api


@pytest.fixture
def way(api: RunningApi) -> Iterator[FaultyWay]:
    with faulty_way_to(urlsplit(api.url).port or 0) as way:
        yield way


@pytest.fixture
def token(api: RunningApi, own_home: Path) -> Path:
    api.add_member("ada", Role.EDITOR)
    file = own_home / "token"
    file.write_text(api.token_of("ada"))
    return file


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
