import os
from pathlib import Path

import pytest

from tbgateway.discovery import check_nonce
from tbgateway.domain.description import NONCE_NAME
from tbgateway.domain.errors import InvalidInputError, NotSharedError

NONCE = "3f2a9c0d5e7b1846"


def test_a_file_with_the_nonce_shows_that_both_see_the_same(tmp_path: Path) -> None:
    for content in (NONCE, f"{NONCE}\n"):
        (tmp_path / NONCE_NAME).write_text(content)
        check_nonce(str(tmp_path), NONCE)


@pytest.mark.parametrize("kind", ["none", "other", "empty", "prefix", "link", "pipe", "large"])
def test_anything_else_is_another_directory(tmp_path: Path, kind: str) -> None:
    file = tmp_path / NONCE_NAME
    match kind:
        case "link":
            (tmp_path / "real").write_text(NONCE)
            file.symlink_to(tmp_path / "real")
        case "pipe":
            os.mkfifo(file)
        case "large":
            file.write_text(NONCE + " " * 1000)
        case "other" | "empty" | "prefix":
            file.write_text({"other": "x" * 16, "empty": "", "prefix": NONCE[:-1]}[kind])
        case _:
            pass
    with pytest.raises(NotSharedError, match="does not see") as refused:
        check_nonce(str(tmp_path), NONCE)
    assert str(tmp_path) in refused.value.detail
    assert NONCE not in str(refused.value)


def test_where_no_directory_is_none_is_shared(tmp_path: Path) -> None:
    with pytest.raises(NotSharedError, match="No such file"):
        check_nonce(str(tmp_path / "missing"), NONCE)


@pytest.mark.parametrize("nonce", ["", "x" * 15, "x" * 129, "ü" * 20])
def test_an_odd_nonce_is_refused(tmp_path: Path, nonce: str) -> None:
    (tmp_path / NONCE_NAME).write_text(nonce)
    with pytest.raises(InvalidInputError) as refused:
        check_nonce(str(tmp_path), nonce)
    assert refused.value.field == "nonce"
