import sqlite3
from pathlib import Path

import pytest

from tbgateway.domain.errors import ConflictError, TbgatewayError, UnavailableError
from tbgateway.store import Store
from tbgateway.store.faults import translated


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)

    with pytest.raises(TbgatewayError) as refused:
        Store.open(path)

    assert str(path) in refused.value.detail
    assert "backup" in refused.value.hint


def test_a_directory_in_the_files_place_is_an_error_that_says_so(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(TbgatewayError, match=r"[Dd]irectory"):
        Store.open(path)


def test_a_database_that_somebody_else_holds_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    first = sqlite3.connect(path, isolation_level=None)
    second = sqlite3.connect(path, isolation_level=None, timeout=0)
    first.execute("BEGIN EXCLUSIVE")

    with pytest.raises(UnavailableError, match="locked"), translated(path):
        second.execute("BEGIN IMMEDIATE")

    first.close()
    second.close()


def test_any_broken_constraint_is_a_conflict(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "some.db")
    connection.execute("CREATE TABLE t (a CHECK (a > 0))")

    with pytest.raises(ConflictError), translated(tmp_path):
        connection.execute("INSERT INTO t VALUES (0)")

    connection.close()


def test_mistakes_in_the_code_stay_what_they_are(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "some.db")

    with pytest.raises(sqlite3.OperationalError, match="syntax"), translated(tmp_path):
        connection.execute("SELEKT")

    connection.close()
