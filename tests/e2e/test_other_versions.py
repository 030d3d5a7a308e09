"""What a gateway does with the state of an older version, and with that of a newer one."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from running_gateway import PATIENCE, RunningGateway

from tbgateway.store.migrations import MIGRATIONS, migrate

pytestmark = pytest.mark.slow
NEWEST = len(MIGRATIONS)


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        (Path(directory) / "runs").mkdir()
        (Path(directory) / "state").mkdir(mode=0o700)
        yield Path(directory)


def make_old(database: Path) -> None:
    """Write the state of the first schema, with a board."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        migrate(connection, database, MIGRATIONS[:1])
        connection.execute(
            "INSERT INTO boards VALUES"
            " ('tb0000000001', 'vision', 'admin', 'password', 'guest', '$2b$', 4, 7, 0, 1.5, 2.5)"
        )


def version_of(database: Path) -> int:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def names_in(database: Path) -> list[str]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM boards")]


def test_an_older_state_is_served_after_a_backup_of_it(home: Path) -> None:
    database = home / "state" / "gateway.db"
    make_old(database)
    with RunningGateway(home, [home / "runs"]) as gateway:
        told = gateway.admin("/api/v1/boards").json()["items"]
        assert [one["name"] for one in told] == ["vision"]
        assert version_of(database) == NEWEST
        (backup,) = database.parent.glob("gateway.db.*.backup")
        assert backup.name.startswith("gateway.db.schema1.")
        assert (version_of(backup), names_in(backup)) == (1, ["vision"])
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        gateway.cli("board", "rename", "vision", "sight")
        gateway.cli("restore", str(backup))  # it is as good as one that was asked for
        listed = gateway.cli("board", "list", "-o", "json").stdout  # no member is in it
        assert ('"vision"' in listed, '"sight"' in listed) == (True, False)
        gateway.stop()
        gateway.start()
        assert list(database.parent.glob("gateway.db.schema*.backup")) == [backup], "made once"


def test_a_newer_state_is_refused_with_what_to_do_and_not_touched(home: Path) -> None:
    database = home / "state" / "gateway.db"
    make_old(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    before = database.read_bytes()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TBGATEWAY_")}
    command = ["serve", "--listen=127.0.0.1:0", f"--state-dir={database.parent}"]
    done = subprocess.run(
        [sys.executable, "-m", "tbgateway", *command, f"--logdir={home / 'runs'}"],
        env={**kept, "TBGATEWAY_STATE__RUNTIME_DIR": str(home / "run")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 5, done
    assert f"{database} was written by a newer version of tbgateway" in done.stderr
    assert f"its schema is {NEWEST + 1}, this version knows schemas up to {NEWEST}" in done.stderr
    assert "Run that newer version, or restore a backup" in done.stderr
    assert "Traceback" not in done.stderr
    assert database.read_bytes() == before
    assert {one.name for one in database.parent.iterdir()} <= {"gateway.db", "gateway.lock"}
