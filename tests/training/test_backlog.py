"""What earlier scripts could not tell, told to a real gateway by several at once."""

import logging
import threading
from pathlib import Path

import pytest
from running_api import RunningApi
from running_gateway import eventually
from scripted_server import Script, over_tcp

from tbgateway.client import Client
from tbgateway.training.backlog import Backlog
from tbgateway.training.complaints import Complaints
from tbgateway.training.spool import Spool, Untold

pytestmark = pytest.mark.usefixtures("own_home")
GATEWAY = "the gateway"
PATIENCE = 60.0


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def keep(spool: Spool, directory: Path, *boards: str) -> None:
    if directory.parent.is_dir():
        directory.mkdir()
        (directory / "events.out.tfevents.1.host").write_bytes(b"x")
    spool.put(
        Untold(
            gateway=GATEWAY,
            directory=str(directory),
            name=directory.name,
            boards=boards,
            create_boards=True,
        )
    )


def backlog_of(spool: Spool) -> Backlog:
    return Backlog(spool, GATEWAY, Complaints("resnet"))


def tell(spool: Spool, client: Client) -> None:
    backlog = backlog_of(spool)
    backlog.begin(client)
    backlog.end(PATIENCE)


def on_board(api: RunningApi, board: str) -> set[str]:
    return {one.name for one in api.client.boards.show(board).experiments}


def test_scripts_that_begin_at_the_same_moment_lose_nothing(
    api: RunningApi, root: Path, spool: Spool
) -> None:
    for number in range(4):
        keep(spool, root / f"old{number}", "vision")
    backlogs = [backlog_of(spool) for _ in range(6)]
    for one in backlogs:
        one.begin(api.client)
    eventually(lambda: not spool.files(), what="all is told")
    for one in backlogs:
        one.end(PATIENCE)
    assert on_board(api, "vision") == {f"old{number}" for number in range(4)}


def test_what_the_gateway_does_not_see_now_is_kept(
    api: RunningApi, root: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(spool, root / "old", "vision")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("tbgateway.training.nonce.NONCE_NAME", "seen-by-nobody")
        tell(spool, api.client)
    assert len(spool.files()) == 1
    tell(spool, api.client)
    assert on_board(api, "vision") == {"old"}
    assert not spool.files()


def test_a_board_that_is_refused_keeps_it_from_no_other(
    api: RunningApi, root: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    keep(spool, root / "old", "tb0123456789", "vision")
    tell(spool, api.client)
    assert on_board(api, "vision") == {"old"}
    assert not spool.files()
    assert "of an earlier script" in caplog.text


def test_a_directory_that_is_not_there_now_is_kept(
    api: RunningApi, tmp_path: Path, spool: Spool
) -> None:
    keep(spool, tmp_path / "unmounted" / "old", "vision")
    tell(spool, api.client)
    assert len(spool.files()) == 1


def test_what_goes_wrong_with_one_keeps_back_no_other(root: Path, spool: Spool) -> None:
    script = Script(status=500, headers={"Content-Type": "application/problem+json"})
    for number in range(3):
        keep(spool, root / f"old{number}")
    with over_tcp(script) as address:
        eventually(lambda: len(spool.files()) == 3, what="kept")
        backlog = backlog_of(spool)
        backlog.begin(Client(address))
        eventually(lambda: len(script.asked) == 3, what="each was tried")
        backlog.end(PATIENCE)
    assert len(spool.files()) == 3


def test_a_gateway_that_is_slow_with_it_keeps_nobody_waiting(root: Path, spool: Spool) -> None:
    script = Script()
    script.go_on.clear()
    keep(spool, root / "old")
    with over_tcp(script) as address:
        backlog = backlog_of(spool)
        backlog.begin(Client(address))
        eventually(lambda: script.asked, what="asked")
        backlog.begin(Client(address))
        backlog.end(0.0)
        assert len([one for one in threading.enumerate() if one.name == "tbgateway backlog"]) == 1
        script.go_on.set()
        backlog.end(PATIENCE)
    assert len(script.asked) == 1


def test_a_gateway_that_is_away_is_asked_again(
    api: RunningApi, root: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tbgateway")
    keep(spool, root / "old", "vision")
    backlog = backlog_of(spool)
    backlog.begin(Client("http://127.0.0.1:9"))
    eventually(lambda: "told of later" in caplog.text, what="noticed")
    eventually(lambda: not _begin_again(backlog, api, spool), what="told")
    assert on_board(api, "vision") == {"old"}


def _begin_again(backlog: Backlog, api: RunningApi, spool: Spool) -> tuple[Path, ...]:
    backlog.begin(api.client)
    return spool.files()
