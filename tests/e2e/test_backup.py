"""Backups: all records as one file, and back, while the gateway runs and while it does not."""

import random
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from event_writer import write_scalars
from running_gateway import RunningGateway, eventually

pytestmark = pytest.mark.slow
SQLITE = {"Content-Type": "application/vnd.sqlite3"}


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        yield Path(directory)


@pytest.fixture
def gateway(home: Path) -> Iterator[RunningGateway]:
    for name in ("first", "second"):
        write_scalars(home / "runs" / name, {"loss": [1.0, 0.5]})
    with RunningGateway(home, [home / "runs"]) as gateway:
        yield gateway


def boards(gateway: RunningGateway) -> list[str]:
    return sorted(one["name"] for one in gateway.admin("/api/v1/boards").json()["items"])


def test_a_restore_brings_back_what_was_and_boards_follow(
    gateway: RunningGateway, home: Path
) -> None:
    gateway.cli("board", "create", "kept", "-e", "first")
    gateway.cli("board", "create", "deleted", "-e", "second")
    gateway.cli("backup", str(home / "backup"))
    assert stat.S_IMODE((home / "backup").stat().st_mode) == 0o600
    assert gateway.runs("kept") == ["first"]
    # Names change hands meanwhile, which a change of record after record would stumble over.
    gateway.cli("board", "delete", "deleted")
    gateway.cli("board", "rename", "kept", "renamed")
    gateway.cli("board", "create", "deleted")
    gateway.cli("board", "add", "renamed", "second")
    eventually(lambda: gateway.runs("renamed") == ["first", "second"], what="both are shown")
    done = gateway.cli("restore", str(home / "backup"))
    assert "restored 2 boards" in done.stderr
    assert boards(gateway) == ["deleted", "kept"]
    eventually(lambda: gateway.runs("kept") == ["first"], what="the running board follows")
    eventually(lambda: gateway.runs("deleted") == ["second"], what="the other board is back")
    gateway.stop()
    gateway.start()
    assert boards(gateway) == ["deleted", "kept"]
    assert list((home / "state").glob("gateway.db.before-restore.*"))
    assert '"by": "local"' in gateway.log.read_text()


def test_what_is_no_backup_changes_nothing_and_is_told_why(
    gateway: RunningGateway, home: Path
) -> None:
    gateway.cli("board", "create", "kept")
    whole = gateway.admin("/api/v1/backup").body
    newer = home / "newer"
    newer.write_bytes(whole)
    with sqlite3.connect(newer) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    cases = [(b"", 422), (b"nothing", 422), (whole[: len(whole) // 2], 422)]
    cases += [(newer.read_bytes(), 409)]
    for content, status in cases:
        answer = gateway.get(
            "/api/v1/backup",
            ("admin", "correct-horse-battery"),
            method="PUT",
            body=content,
            headers=SQLITE,
        )
        assert answer.status == status, answer
        assert "backup" in answer.json()["detail"]
    assert boards(gateway) == ["kept"]


def test_only_admins_make_and_restore_backups(gateway: RunningGateway) -> None:
    gateway.cli("member", "create", "eve", "--role=editor", "--password-stdin", stdin="long-enough")
    eve = ("eve", "long-enough")
    assert gateway.get("/api/v1/backup").status == 401
    assert gateway.get("/api/v1/backup", eve).status == 403
    put = gateway.get("/api/v1/backup", eve, method="PUT", body=b"x", headers=SQLITE)
    assert put.status == 403


def test_a_stopped_gateway_is_backed_up_and_restored_by_its_state(
    gateway: RunningGateway, home: Path
) -> None:
    gateway.cli("board", "create", "kept")
    state = f"--state-dir={home / 'state'}"
    assert "Another gateway" in gateway.cli("backup", "x", state, status=5).stderr
    gateway.kill()  # what it wrote is still in its write-ahead log
    gateway.cli("backup", str(home / "backup"), state)
    (home / "state" / "gateway.db").write_bytes(b"damaged" * 1000)
    gateway.cli("restore", str(home / "backup"), state)
    gateway.start()
    assert boards(gateway) == ["kept"]


def crowded(content: bytes, path: Path, boards: int) -> bytes:
    """Return a backup with so many boards more: to restore it takes a while."""
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as database:
        row = database.execute("SELECT * FROM boards WHERE name = 'kept'").fetchone()
        places = ", ".join("?" * len(row))
        database.executemany(
            f"INSERT INTO boards VALUES ({places})",  # noqa: S608 - question marks only
            ((f"tb{number:010x}", f"crowd-{number}", *row[2:]) for number in range(boards)),
        )
        database.commit()
    return path.read_bytes()


def names_in(home: Path) -> set[str]:
    with closing(sqlite3.connect(home / "state" / "gateway.db")) as database:
        return {name for (name,) in database.execute("SELECT name FROM boards")}


def test_a_gateway_killed_while_it_restores_has_the_old_state_or_the_new(
    gateway: RunningGateway, home: Path
) -> None:
    gateway.cli("board", "create", "kept")
    small = gateway.admin("/api/v1/backup").body
    large = crowded(small, home / "large", 3000)
    sizes = {1, 3001}

    def restore(content: bytes) -> int | None:
        try:
            return gateway.get(
                "/api/v1/backup",
                ("admin", "correct-horse-battery"),
                method="PUT",
                body=content,
                headers=SQLITE,
            ).status
        except OSError:  # it was killed
            return None

    began = time.monotonic()
    assert restore(large) == 200
    seconds = time.monotonic() - began
    for content, share in ((small, 0.3), (large, 0.6), (small, 0.9), (large, 1.0)):
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(restore, content)
            time.sleep(seconds * share * random.uniform(0.7, 1.0))  # noqa: S311 - any moment will do
            gateway.kill()
        names = names_in(home)
        assert "kept" in names
        assert len(names) in sizes
        if answer.result() == 200:  # what was answered is there
            assert len(names) == (1 if content is small else 3001)
        gateway.start()
        told = gateway.cli("board", "list", "-o", "json").stdout
        assert ('"crowd-0"' in told) == (len(names) == 3001)
