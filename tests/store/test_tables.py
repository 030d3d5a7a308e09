import sqlite3
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tbgateway.domain.model import (
    Access,
    Board,
    Description,
    Experiment,
    ExperimentState,
    GradientRequest,
    LaunchRecord,
    Member,
    Membership,
    ParamValue,
    ReservedName,
    Role,
    Session,
    Token,
    Visit,
    VisitorKind,
)
from tbgateway.domain.names import BoardId, ExperimentId, LaunchId
from tbgateway.store.migrations import migrate
from tbgateway.store.tables import TABLE_OF, TABLES, Record, Table

BOARD = BoardId("tb0000000001")
EXPERIMENT = ExperimentId("ex0000000001")

EVERY_FIELD_SET: tuple[Record, ...] = (
    Member(name="a@b", role=Role.ADMIN, password_hash="h", credential_generation=2, created_at=1.5),
    Token(id="5f", member="a@b", label="ci", digest="d", created_at=1.5, expires_at=2.5),
    Token(id="60", member="a@b", label="", digest="e", created_at=1.5),
    Session(
        id="5f",
        member="a@b",
        digest="d",
        credential_generation=2,
        created_at=1.5,
        expires_at=2.5,
    ),
    Experiment(
        id=EXPERIMENT,
        root="runs",
        name="vision/ä, b'\"%#\U0001f600",
        path="/data/ä b",
        state=ExperimentState.FAILED,
        reason="out of memory",
        held=True,
        registered=True,
        bytes=2**40,
        complete_bytes=3,
        last_event_at=1.25,
        created_at=1.5,
        problem="its directory is missing",
        lease=60.0,
        ended_at=2.5,
        end_heard_at=3.5,
    ),
    Description(
        experiment_id=EXPERIMENT,
        params={
            "lr": 1e-3,
            "epochs": 90,
            "amp": True,
            "näme": "vit, \U0001f600",
            "seed": 2**64 - 1,
        },
        tags=("baseline", "ü"),
        notes="# Notes\n\n* one\t`two`",
        file='{"params": {"lr": 0.001}}',
        problem="tbgateway.json: It is no JSON.",
    ),
    Board(
        id=BOARD,
        name="vision",
        owner="a@b",
        access=Access.MEMBERS,
        username="guest",
        password_hash="h",
        generation=7,
        paused=True,
        created_at=1.5,
        last_visited_at=2.5,
        idle_timeout=60.0,
    ),
    ReservedName(name="old-vision", board_id=BOARD),
    Membership(board_id=BOARD, experiment_id=EXPERIMENT, added_at=1.5, removing=True),
    Visit(
        board_id=BOARD,
        kind=VisitorKind.PASSWORD,
        visitor="guest",
        first_at=1.5,
        last_at=2.5,
        visits=3,
    ),
    GradientRequest(board_id=BOARD, image="tensorflow:2", instance='{"type": "C4"}'),
    LaunchRecord(launch_id=LaunchId(f"{BOARD}.7"), board_id=BOARD, handle="{}"),
)


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    connection = sqlite3.connect(tmp_path / "gateway.db", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection, tmp_path / "gateway.db")
    yield connection
    connection.close()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_schema_has_exactly_the_records_fields(
    table: Table[Any, Any], connection: sqlite3.Connection
) -> None:
    rows = connection.execute(f"PRAGMA table_info({table.name})").fetchall()

    assert [row[1] for row in rows] == [field.name for field in fields(table.record)]
    assert tuple(row[1] for row in rows if row[5]) == table.key_columns


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_checks_its_types(
    table: Table[Any, Any], connection: sqlite3.Connection
) -> None:
    strict = {row[1]: row[5] for row in connection.execute("PRAGMA table_list")}

    assert strict[table.name] == 1


def test_every_record_comes_back_as_it_was(connection: sqlite3.Connection) -> None:
    for record in EVERY_FIELD_SET:
        table = TABLE_OF[type(record)]
        connection.execute(table.upsert, table.to_row(record))

    for table in TABLES:
        found = [table.from_row(row) for row in connection.execute(table.select)]
        assert found == [record for record in EVERY_FIELD_SET if type(record) is table.record]


def test_every_field_comes_back_with_its_type() -> None:
    for record in EVERY_FIELD_SET:
        table = TABLE_OF[type(record)]
        again = table.from_row(table.to_row(record))
        for field in fields(record):
            assert type(getattr(again, field.name)) is type(getattr(record, field.name))


def test_a_parameter_comes_back_with_its_type() -> None:
    params: dict[str, ParamValue] = {"a": True, "b": 1, "c": 1.0, "d": "1", "e": 1e308, "f": -0.0}
    before = Description(experiment_id=EXPERIMENT, params=params)
    table = TABLE_OF[Description]
    again = table.from_row(table.to_row(before)).params
    assert {key: repr(value) for key, value in again.items()} == {
        key: repr(value) for key, value in params.items()
    }


def test_what_a_row_refers_to_stands_in_an_earlier_table(connection: sqlite3.Connection) -> None:
    order = [table.name for table in TABLES]
    for table in TABLES:
        for row in connection.execute(f"PRAGMA foreign_key_list({table.name})"):
            assert order.index(row[2]) < order.index(table.name)
