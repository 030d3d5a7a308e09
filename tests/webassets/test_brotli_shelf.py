from pathlib import Path

import brotli
import pytest
from structlog.testing import capture_logs

from tbgateway.webassets import Asset
from tbgateway.webassets.brotli_shelf import BrotliShelf

ASSET = Asset("index.js", b"const a = 1;\n" * 500)
BODY = brotli.compress(ASSET.unpacked())


@pytest.fixture
def shelf(tmp_path: Path) -> BrotliShelf:
    return BrotliShelf(tmp_path / "assets", "abc")


def only_file(directory: Path) -> Path:
    (path,) = (path for path in directory.rglob("*") if path.is_file())
    return path


def test_what_is_put_is_found(shelf: BrotliShelf, tmp_path: Path) -> None:
    assert shelf.find(ASSET) is None
    shelf.put(ASSET, BODY)

    assert shelf.find(ASSET) == BODY
    assert BrotliShelf(tmp_path / "assets", "abc").find(ASSET) == BODY
    assert only_file(tmp_path).suffix == ".br"


@pytest.mark.parametrize(
    "content",
    [b"", BODY[:-5], BODY[: len(BODY) // 2], b"not brotli", brotli.compress(b"something else")],
)
def test_a_damaged_file_is_not_believed_and_can_be_replaced(
    shelf: BrotliShelf, tmp_path: Path, content: bytes
) -> None:
    shelf.put(ASSET, BODY)
    only_file(tmp_path).write_bytes(content)

    with capture_logs() as logs:
        assert shelf.find(ASSET) is None
    assert [entry["log_level"] for entry in logs] == ["warning"]
    shelf.put(ASSET, BODY)
    assert shelf.find(ASSET) == BODY


def test_what_was_half_written_is_overwritten(shelf: BrotliShelf, tmp_path: Path) -> None:
    shelf.put(ASSET, BODY)
    path = only_file(tmp_path)
    path.rename(path.with_suffix(".new"))

    assert shelf.find(ASSET) is None
    shelf.put(ASSET, BODY)
    assert only_file(tmp_path).suffix == ".br"


def test_a_full_disk_is_told_and_leaves_nothing(
    shelf: BrotliShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _content: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with capture_logs() as logs:
        shelf.put(ASSET, BODY)

    assert [entry["reason"] for entry in logs] == ["No space left on device"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert shelf.find(ASSET) is None


def test_a_file_in_the_place_of_the_directory_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "assets").write_text("not a directory")
    shelf = BrotliShelf(tmp_path / "assets", "abc")
    shelf.remove_others()
    shelf.put(ASSET, BODY)

    assert shelf.find(ASSET) is None


def test_only_other_fingerprints_are_removed(shelf: BrotliShelf, tmp_path: Path) -> None:
    old, outside = tmp_path / "assets" / "old", tmp_path / "outside"
    old.mkdir(parents=True)
    (old / "x.br").write_bytes(b"x")
    outside.mkdir()
    (tmp_path / "assets" / "link").symlink_to(outside)
    shelf.put(ASSET, BODY)
    shelf.remove_others()

    assert not old.exists()
    assert outside.is_dir()
    assert shelf.find(ASSET) == BODY
