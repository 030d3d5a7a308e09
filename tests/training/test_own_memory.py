import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from tbgateway.training.own_files import cache_dir, state_dir
from tbgateway.training.place import Root
from tbgateway.training.remembered import Remembered
from tbgateway.training.spool import Spool, Untold

GATEWAY = "https://boards.example"
UNTOLD = Untold(
    gateway=GATEWAY, directory="/data/a", name="a", boards=("vision",), create_boards=True
)


def test_roots_are_remembered_by_gateway(tmp_path: Path) -> None:
    memory = Remembered(tmp_path / "cache" / "roots.json")
    assert memory.root(GATEWAY) is None
    memory.keep(GATEWAY, Root(Path("/data"), 1))
    memory.keep("unix:/run/control", Root(Path("/other"), 2))
    memory.keep(GATEWAY, Root(Path("/moved"), 1))
    assert memory.root(GATEWAY) == Root(Path("/moved"), 1)
    assert memory.root("unix:/run/control") == Root(Path("/other"), 2)


@pytest.mark.parametrize("content", ["", "[]", '{"https://boards.example": 3}', "\xff", "{}"])
def test_a_memory_that_is_lost_is_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "roots.json"
    file.write_bytes(content.encode("latin-1"))
    assert Remembered(file).root(GATEWAY) is None
    Remembered(file).keep(GATEWAY, Root(Path("/data"), 1))
    assert Remembered(file).root(GATEWAY) == Root(Path("/data"), 1)


def test_a_memory_without_a_place_is_none() -> None:
    Remembered(Path(os.devnull) / "roots.json").keep(GATEWAY, Root(Path("/data"), 1))
    assert Remembered(Path(os.devnull) / "roots.json").root(GATEWAY) is None


def test_the_spool_gives_back_what_it_got(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    assert spool.files() == ()
    spool.put(UNTOLD)
    (file,) = spool.files()
    with spool.claimed(file) as untold:
        assert untold == UNTOLD
    spool.drop(file)
    spool.drop(file)
    assert spool.files() == ()


def test_what_one_script_tells_no_other_one_does(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(UNTOLD)
    (file,) = spool.files()
    with spool.claimed(file) as mine:
        with Spool(tmp_path).claimed(file) as theirs:
            assert (mine, theirs) == (UNTOLD, None)
        spool.drop(file)
    with spool.claimed(file) as gone:
        assert gone is None


def test_what_was_not_told_after_all_is_there_for_the_next(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(UNTOLD)
    (file,) = spool.files()
    with suppress(ValueError), spool.claimed(file):
        raise ValueError
    with spool.claimed(file) as again:
        assert again == UNTOLD


def test_only_files_of_ones_own_are_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    spool.put(UNTOLD)
    (file,) = spool.files()
    (tmp_path / "link.json").symlink_to(file)
    os.mkfifo(tmp_path / "pipe.json")
    for other in ("link.json", "pipe.json"):
        with spool.claimed(tmp_path / other) as nothing:
            assert nothing is None
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    with spool.claimed(file) as theirs:
        assert theirs is None


def test_the_spool_is_for_its_owner_only(tmp_path: Path) -> None:
    Spool(tmp_path / "state" / "spool").put(UNTOLD)
    (file,) = (tmp_path / "state" / "spool").iterdir()
    assert stat.S_IMODE((tmp_path / "state" / "spool").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_nobody_expects_any_more_goes_away(tmp_path: Path) -> None:
    Spool(tmp_path).put(UNTOLD)
    (file,) = tmp_path.iterdir()
    os.utime(file, (0, 0))
    with Spool(tmp_path).claimed(file) as nothing:
        assert nothing is None
    assert not file.exists()


def test_what_is_broken_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text('{"gateway": "x"}')
    for file in Spool(tmp_path).files():
        with Spool(tmp_path).claimed(file) as nothing:
            assert nothing is None


def test_own_files_follow_the_users_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert cache_dir({}) == Path("/home/ada/.cache/tbgateway")
    assert state_dir({"XDG_STATE_HOME": "relative"}) == Path("/home/ada/.local/state/tbgateway")
    assert state_dir({"XDG_STATE_HOME": "/x"}) == Path("/x/tbgateway")
