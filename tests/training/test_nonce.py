import os
import stat
from pathlib import Path

import pytest

from tbgateway.training.nonce import NAME, nonce_in


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
