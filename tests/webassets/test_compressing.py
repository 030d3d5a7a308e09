"""Brotli beside the gateway's other work."""

import asyncio
import random
import threading
from pathlib import Path

import brotli
import pytest
from structlog.testing import capture_logs

from tbgateway.webassets import Asset, compressing
from tbgateway.webassets.brotli_shelf import BrotliShelf
from tbgateway.webassets.compressing import add_brotli

NEVER = 3600.0
PATIENCE = 60.0


@pytest.fixture
def assets() -> list[Asset]:
    script = b"".join(b"function f%d() { return %d; }\n" % (n, n) for n in range(3000))
    return [Asset("a.js", script), Asset("b.svg", script[:5000]), Asset("c.woff2", b"font")]


@pytest.fixture
def shelf(tmp_path: Path) -> BrotliShelf:
    return BrotliShelf(tmp_path, "abc")


async def test_what_compresses_gets_its_brotli(assets: list[Asset], shelf: BrotliShelf) -> None:
    await add_brotli(assets, shelf, delay=0.0)

    assert ["br" in asset.encodings for asset in assets] == [True, True, False]
    for asset in assets[:2]:
        assert brotli.decompress(asset.body("br")) == asset.unpacked()
        assert shelf.find(asset) == asset.body("br")


async def test_what_lies_on_the_shelf_is_taken_at_once(
    assets: list[Asset], shelf: BrotliShelf
) -> None:
    await add_brotli(assets, shelf, delay=0.0)
    again = [Asset(asset.name, asset.unpacked()) for asset in assets]
    await add_brotli(again, shelf, delay=NEVER)

    assert [asset.encodings for asset in again] == [asset.encodings for asset in assets]


async def test_only_what_is_damaged_is_made_again(
    assets: list[Asset], shelf: BrotliShelf, tmp_path: Path
) -> None:
    await add_brotli(assets, shelf, delay=0.0)
    files = {path: path.stat().st_ino for path in tmp_path.rglob("*.br")}
    damaged = next(iter(files))
    damaged.write_bytes(damaged.read_bytes()[:-3])
    again = [Asset(asset.name, asset.unpacked()) for asset in assets]
    await add_brotli(again, shelf, delay=0.0)

    assert ["br" in asset.encodings for asset in again] == [True, True, False]
    assert [path for path, inode in files.items() if path.stat().st_ino != inode] == [damaged]


async def test_without_a_place_on_disk_it_is_made_all_the_same(
    assets: list[Asset], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with capture_logs():
        await add_brotli(assets, BrotliShelf(tmp_path / "file", "abc"), delay=0.0)

    assert "br" in assets[0].encodings


async def test_it_ends_when_the_gateway_does(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(1_500_000).hex().encode()  # noqa: S311 - no secret
    big = Asset("big.js", noise)
    work = asyncio.ensure_future(add_brotli([big], BrotliShelf(tmp_path, "abc"), delay=0.0))
    async with asyncio.timeout(PATIENCE):
        while not (threads := [one for one in threading.enumerate() if one.name == "brotli"]):
            await asyncio.sleep(0.001)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    for thread in threads:
        await asyncio.to_thread(thread.join, PATIENCE)
    assert "br" not in big.encodings
    assert not list(tmp_path.rglob("*.br"))


async def test_a_fault_is_logged_and_does_not_end_the_gateway(
    assets: list[Asset], shelf: BrotliShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(compressing, "_take", fail)
    with capture_logs() as logs:
        await add_brotli(assets, shelf, delay=0.0)

    assert [entry["event"] for entry in logs] == ["compressing failed"]
