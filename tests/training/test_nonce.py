import fcntl
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tbgateway.domain.description import NONCE_NAME as NAME
from tbgateway.training.nonce import nonce_in


def test_the_nonce_is_there_while_it_is_needed_and_new_each_time(tmp_path: Path) -> None:
    with nonce_in(tmp_path) as first:
        assert (tmp_path / NAME).read_text() == first
        assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == []
    with nonce_in(tmp_path) as second:
        assert first != second


def test_one_that_was_left_behind_is_replaced_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / NAME).symlink_to(tmp_path / "target")
    with nonce_in(tmp_path) as nonce:
        assert (tmp_path / NAME).read_text() == nonce
    assert (tmp_path / "target").read_text() == "mine"


def test_a_directory_that_is_gone_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match="No such file"), nonce_in(Path("/nowhere")):
        pass


def test_the_gateway_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with nonce_in(tmp_path):
            assert (tmp_path / NAME).stat().st_mode & 0o044 == 0o044
    finally:
        os.umask(before)


def test_scripts_that_share_a_directory_take_turns(tmp_path: Path) -> None:
    def prove(_: int) -> bool:
        with nonce_in(tmp_path) as nonce:
            time.sleep(0.01)
            return (tmp_path / NAME).read_text() == nonce

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(prove, range(32)))
    assert list(tmp_path.iterdir()) == []


def test_a_script_that_never_ends_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.training.nonce._TRIES", 2)
    with nonce_in(tmp_path) as nonce:
        with pytest.raises(TimeoutError), nonce_in(tmp_path):
            pass
        assert (tmp_path / NAME).read_text() == nonce


def test_one_of_a_script_that_was_killed_is_replaced(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("x" * 99)
    with nonce_in(tmp_path) as nonce:
        assert (tmp_path / NAME).read_text() == nonce


def test_the_other_name_of_a_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / NAME).hardlink_to(tmp_path / "target")
    with nonce_in(tmp_path) as nonce:
        assert (tmp_path / NAME).read_text() == nonce
    assert (tmp_path / "target").read_text() == "mine"


def test_a_child_that_was_forked_meanwhile_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.training.claims.os.close", lambda _: None)  # as if by a child
    with nonce_in(tmp_path):
        held = os.open(tmp_path / NAME, os.O_RDONLY)
    monkeypatch.undo()
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(held)
