import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tbgateway.domain.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    StorageFullError,
    UnavailableError,
)
from tbgateway.domain.model import (
    Board,
    Experiment,
    LaunchRecord,
    Member,
    Membership,
    ReservedName,
    Session,
    Token,
    VisitorKind,
)
from tbgateway.domain.names import BoardId, ExperimentId, launch_id
from tbgateway.store import Store
from tbgateway.store.tables import Record

Make = Callable[..., Board]
MakeExperiment = Callable[..., Experiment]
MakeMembership = Callable[..., Membership]


async def put(store: Store, *records: Record) -> None:
    async with store.transaction() as transaction:
        transaction.put(*records)


async def drop(store: Store, *records: Record) -> None:
    async with store.transaction() as transaction:
        transaction.drop(*records)


def everything(store: Store) -> list[dict[Any, Any]]:
    mappings: tuple[Mapping[Any, Any], ...] = (
        store.boards,
        store.experiments,
        store.memberships,
        store.members,
        store.tokens,
        store.reserved_names,
        store.launches,
    )
    return [dict(rows) for rows in mappings]


def sizes(store: Store) -> tuple[int, int]:
    return len(store.boards), len(store.experiments)


async def test_what_is_put_is_there_and_still_there_after_a_restart(
    path: Path,
    board: Make,
    experiment: MakeExperiment,
    membership: MakeMembership,
    member: Member,
) -> None:
    store = Store.open(path)
    token = Token(id="5f", member=member.name, label="ci", digest="d", created_at=1.0)
    launch = LaunchRecord(launch_id=launch_id(board().id, 3), board_id=board().id, handle="{}")
    name = ReservedName(name="old", board_id=board().id)
    shown = membership(board(), experiment())
    # Any order will do: what a record refers to is written first.
    await put(store, token, launch, name, shown, board(), experiment(), member)
    before = everything(store)
    await store.close()

    again = Store.open(path)

    assert everything(again) == before
    assert again.launches == {launch.launch_id: launch}
    assert again.tokens == {"5f": token}
    await again.close()


async def test_a_transaction_does_not_show_before_its_end(store: Store, board: Make) -> None:
    async with store.transaction() as transaction:
        transaction.put(board())
        assert store.boards == {}

    assert store.boards == {board().id: board()}


async def test_an_exception_inside_changes_nothing(store: Store, board: Make) -> None:
    async def fail() -> None:
        async with store.transaction() as transaction:
            transaction.put(board())
            raise KeyError("boo")

    with pytest.raises(KeyError):
        await fail()

    assert store.boards == {}
    await put(store, board())
    assert board().id in store.boards


async def test_transactions_wait_for_each_other(store: Store, board: Make) -> None:
    await put(store, board(generation=0))

    async def count() -> None:
        async with store.transaction() as transaction:
            current = store.boards[board().id]
            await asyncio.sleep(0)
            transaction.put(replace(current, generation=current.generation + 1))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(count())

    assert store.boards[board().id].generation == 20


async def test_boards_are_found_by_their_current_name_only(store: Store, board: Make) -> None:
    await put(store, board(name="old"))
    await put(store, board(name="new"), ReservedName(name="old", board_id=board().id))

    assert store.board_named("new") == board(name="new")
    assert store.board_named("old") is None
    assert store.reserved_names["old"].board_id == board().id


async def test_a_board_may_get_its_old_name_back(store: Store, board: Make) -> None:
    await put(store, board(name="old"))
    await put(store, board(name="new"), ReservedName(name="old", board_id=board().id))

    async with store.transaction() as transaction:
        transaction.drop(store.reserved_names["old"])
        transaction.put(board(name="old"), ReservedName(name="new", board_id=board().id))

    assert store.board_named("old") == board(name="old")
    assert set(store.reserved_names) == {"new"}


async def test_memberships_are_found_from_both_sides_in_the_order_they_came(
    store: Store, board: Make, experiment: MakeExperiment, membership: MakeMembership
) -> None:
    first = membership(board(1), experiment(2), added_at=1.0)
    second = membership(board(1), experiment(1), added_at=2.0)
    third = membership(board(1), experiment(3), added_at=2.0)
    other = membership(board(2), experiment(2), added_at=0.5)
    await put(store, *(make(n) for make in (board, experiment) for n in (1, 2, 3)))
    await put(store, third, second, first, other)

    assert store.memberships_of(board(1).id) == (first, second, third)
    assert store.boards_showing(experiment(2).id) == (other, first)
    assert store.memberships_of(BoardId("tbffffffffff")) == ()
    assert store.boards_showing(ExperimentId("exffffffffff")) == ()


async def test_experiments_are_found_by_name_and_path(
    store: Store, experiment: MakeExperiment
) -> None:
    here = experiment(1, root="a", name="same", path="/a/same")
    there = experiment(2, root="b", name="same", path="/b/same")
    await put(store, here, there)

    assert store.experiments_named("same") == (here, there)
    assert store.experiment_at("/b/same") == there
    assert store.experiment_at("/c") is None


async def test_dropping_a_board_drops_what_is_its_own_on_disk_too(
    path: Path,
    board: Make,
    experiment: MakeExperiment,
    membership: MakeMembership,
) -> None:
    store = Store.open(path)
    kept = membership(board(2), experiment())
    await put(
        store,
        board(1),
        board(2),
        experiment(),
        membership(board(1), experiment()),
        kept,
        ReservedName(name="old", board_id=board(1).id),
        LaunchRecord(launch_id=launch_id(board(1).id, 1), board_id=board(1).id, handle="{}"),
    )

    await drop(store, board(1))

    expected = everything(store)
    assert list(store.boards) == [board(2).id]
    assert list(store.memberships.values()) == [kept]
    assert (store.reserved_names, store.launches) == ({}, {})
    await store.close()
    again = Store.open(path)
    assert everything(again) == expected
    await again.close()


async def test_dropping_a_member_drops_the_tokens(store: Store, member: Member) -> None:
    await put(store, member, Token(id="5f", member="ada", label="", digest="d", created_at=1.0))

    await drop(store, member)

    assert (store.members, store.tokens) == ({}, {})


async def test_dropping_a_member_drops_the_sessions(store: Store, member: Member) -> None:
    session = Session(
        id="5f",
        member="ada",
        digest="d",
        credential_generation=0,
        created_at=1.0,
        expires_at=2.0,
    )
    await put(store, member, session)
    assert store.sessions_of("ada") == (session,)

    await drop(store, member)

    assert (store.members, store.sessions) == ({}, {})
    assert store.sessions_of("ada") == ()


async def test_dropping_what_is_not_there_is_fine(store: Store, board: Make) -> None:
    await drop(store, board())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda b, _e: b(2, name="board-1"), NameTakenError),
        (lambda b, _e: b(2, name="reserved"), NameTakenError),
        (lambda b, _e: b(1, name="reserved"), NameTakenError),
        (
            lambda _b, _e: ReservedName(name="board-1", board_id=BoardId("tb0000000001")),
            NameTakenError,
        ),
        (
            lambda _b, _e: ReservedName(name="reserved", board_id=BoardId("tb0000000003")),
            NameTakenError,
        ),
        (lambda _b, e: e(2, name="run-1"), NameTakenError),
        (lambda _b, e: e(2, path="/data/runs/run-1"), ConflictError),
        (
            lambda b, _e: Membership(
                board_id=b(1).id, experiment_id=ExperimentId("exffffffffff"), added_at=1.0
            ),
            ConflictError,
        ),
        (
            lambda _b, _e: Token(id="1", member="x", label="", digest="", created_at=1),
            ConflictError,
        ),
    ],
)
async def test_a_contradiction_is_a_conflict_and_changes_nothing(
    change: Callable[[Make, MakeExperiment], Record],
    error: type[ConflictError],
    store: Store,
    board: Make,
    experiment: MakeExperiment,
) -> None:
    reserved = ReservedName(name="reserved", board_id=board(1).id)
    await put(store, board(1), board(3), experiment(1), reserved)
    before = everything(store)

    with pytest.raises(error) as refused:
        await put(store, board(9), change(board, experiment))

    assert type(refused.value) is error
    assert everything(store) == before
    await put(store, board(9))


async def test_an_experiment_on_a_board_cannot_be_dropped(
    store: Store, board: Make, experiment: MakeExperiment, membership: MakeMembership
) -> None:
    await put(store, board(), experiment(), membership(board(), experiment()))

    with pytest.raises(ConflictError):
        await drop(store, experiment())

    assert experiment().id in store.experiments


async def test_a_path_that_is_no_unicode_is_refused(
    store: Store, experiment: MakeExperiment
) -> None:
    with pytest.raises(InvalidInputError):
        await put(store, experiment(path="/data/\udcff"))

    assert store.experiments == {}


async def test_a_full_disk_changes_nothing_and_is_survived(
    path: Path, board: Make, experiment: MakeExperiment
) -> None:
    store = Store.open(path)
    await put(store, board(1))
    connection = store._database._connection

    def limit(pages: int) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    store._writer.submit(limit, 1).result()  # SQLite takes what it uses now as the limit
    with pytest.raises(StorageFullError, match="nothing was changed"):
        await put(store, board(2), *(experiment(number) for number in range(1000)))
    assert sizes(store) == (1, 0)

    store._writer.submit(limit, 1_000_000).result()
    await put(store, board(2), *(experiment(number) for number in range(1000)))
    assert sizes(store) == (2, 1000)
    await store.close()
    again = Store.open(path)
    assert sizes(again) == (2, 1000)
    await again.close()


async def test_a_cancelled_writer_leaves_memory_and_disk_the_same(path: Path, board: Make) -> None:
    store = Store.open(path)
    held, gate = threading.Event(), threading.Event()
    holding = store._writer.submit(lambda: (held.set(), gate.wait()))
    held.wait()
    writing = asyncio.ensure_future(put(store, board()))
    try:
        for _ in range(10):
            await asyncio.sleep(0)
        waiting = store._writer._work_queue.qsize()  # the commit, behind what holds the thread
        writing.cancel()
        await asyncio.sleep(0)
        writing.cancel()
    finally:
        gate.set()
    with pytest.raises(asyncio.CancelledError):
        await writing

    assert waiting == 1
    holding.result()
    expected = everything(store)
    await store.close()
    again = Store.open(path)
    assert everything(again) == expected
    assert board().id in again.boards
    await again.close()


async def test_a_visit_shows_at_once_and_is_written_with_the_flush(path: Path, board: Make) -> None:
    store = Store.open(path)
    await put(store, board())

    store.touch(board().id, 5.0)
    store.touch(board().id, 4.0)
    store.touch(BoardId("tbffffffffff"), 6.0)

    assert store.boards[board().id].last_visited_at == 5.0
    (on_disk,) = store._writer.submit(store._database.load).result().boards.rows.values()
    assert on_disk.last_visited_at is None
    await store.flush_visits()
    (on_disk,) = store._writer.submit(store._database.load).result().boards.rows.values()
    assert on_disk.last_visited_at == 5.0
    await store.close()


async def test_the_last_visits_are_written_at_the_end(path: Path, board: Make) -> None:
    store = Store.open(path)
    await put(store, board())
    store.touch(board().id, 5.0)
    await store.close()

    again = Store.open(path)

    assert again.boards[board().id].last_visited_at == 5.0
    await again.close()


async def test_a_change_does_not_take_a_visit_back(path: Path, board: Make) -> None:
    store = Store.open(path)
    await put(store, board())
    stale = store.boards[board().id]
    store.touch(board().id, 5.0)
    await store.flush_visits()

    await put(store, replace(stale, paused=True))

    expected = replace(stale, paused=True, last_visited_at=5.0)
    assert store.boards == {board().id: expected}
    await store.close()
    again = Store.open(path)
    assert again.boards == {board().id: expected}
    await again.close()


async def test_a_visit_during_a_change_is_not_lost(path: Path, board: Make) -> None:
    store = Store.open(path)
    await put(store, board())
    gate = threading.Event()
    store._writer.submit(gate.wait)
    writing = asyncio.ensure_future(put(store, board(paused=True)))
    for _ in range(10):
        await asyncio.sleep(0)

    store.touch(board().id, 5.0)
    gate.set()
    await writing

    expected = board(paused=True, last_visited_at=5.0)
    assert store.boards == {board().id: expected}
    await store.close()
    again = Store.open(path)
    assert again.boards == {board().id: expected}
    await again.close()


async def test_visits_that_could_not_be_written_are_written_later(path: Path, board: Make) -> None:
    store = Store.open(path)
    await put(store, board())
    connection = store._database._connection
    store.touch(board().id, 5.0)
    store._writer.submit(connection.execute, "PRAGMA query_only = ON").result()
    with pytest.raises(UnavailableError, match="readonly"):
        await store.flush_visits()
    store._writer.submit(connection.execute, "PRAGMA query_only = OFF").result()

    await store.close()

    again = Store.open(path)
    assert again.boards[board().id].last_visited_at == 5.0
    await again.close()


async def test_who_visits_is_kept_with_the_next_flush(path: Path, board: Make) -> None:
    store = Store.open(path)
    await put(store, board(1), board(2))
    for number, visitor in ((1, "ada"), (1, "bob"), (2, "ada")):
        store.look(board(number).id, VisitorKind.MEMBER, visitor, 5.0 + len(store.visits))
    assert [one.visitor for one in store.visits_of(board(1).id)] == ["bob", "ada"]
    expected = dict(store.visits)
    await store.flush_visits()
    await store.close()

    again = Store.open(path)

    assert dict(again.visits) == expected
    await again.close()


async def test_a_look_during_a_flush_is_not_lost(path: Path, board: Make) -> None:
    store = Store.open(path)
    await put(store, board())
    store.look(board().id, VisitorKind.MEMBER, "ada", 5.0)
    gate = threading.Event()
    store._writer.submit(gate.wait)
    flushing = asyncio.ensure_future(store.flush_visits())
    for _ in range(10):
        await asyncio.sleep(0)

    store.look(board().id, VisitorKind.MEMBER, "ada", 6.0)
    gate.set()
    await flushing

    (visit,) = store.visits.values()
    assert visit.last_at == 6.0
    await store.close()
    again = Store.open(path)
    assert list(again.visits.values()) == [visit]
    await again.close()


async def test_a_dropped_board_takes_its_visits_along(path: Path, board: Make) -> None:
    store = Store.open(path)
    await put(store, board())
    store.look(board().id, VisitorKind.ANYONE, "", 5.0)
    await store.flush_visits()
    store.look(board().id, VisitorKind.ANYONE, "", 6.0)
    await drop(store, board())

    await store.flush_visits()

    assert store.visits == {}
    await store.close()
    again = Store.open(path)
    assert again.visits == {}
    await again.close()


async def test_a_visit_of_a_dropped_board_is_forgotten(store: Store, board: Make) -> None:
    await put(store, board())
    store.touch(board().id, 5.0)
    await drop(store, board())

    await store.flush_visits()

    assert store.boards == {}


async def test_a_second_gateway_on_the_same_state_is_refused(path: Path) -> None:
    store = Store.open(path)

    with pytest.raises(ConflictError, match="Another gateway"):
        Store.open(path)

    await store.close()
    await Store.open(path).close()


async def test_closing_twice_is_fine(path: Path) -> None:
    store = Store.open(path)

    await store.close()
    await store.close()


def test_a_network_disk_is_refused_before_anything_is_made(path: Path) -> None:
    with pytest.raises(InvalidInputError, match="network file system"):
        Store.open(path, kind_of=lambda _: "nfs4")

    assert not path.parent.exists()


def test_a_directory_that_cannot_be_made_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(InvalidInputError, match="cannot be kept in"):
        Store.open(tmp_path / "file" / "state" / "gateway.db")


async def test_its_repr_tells_its_size(store: Store, board: Make) -> None:
    await put(store, board())

    assert repr(store) == "<Store: 1 boards, 0 experiments>"


async def test_what_was_committed_is_told_with_what_it_replaced(store: Store, board: Make) -> None:
    told: list[object] = []
    store.listen(told.extend)
    await put(store, board(), board(2))
    await put(store, board(name="renamed"))
    await drop(store, board(2))
    assert told == [
        (None, board()),
        (None, board(2)),
        (board(), board(name="renamed")),
        (board(2), None),
    ]


async def test_listeners_already_see_what_they_are_told(store: Store, board: Make) -> None:
    seen: list[object] = []
    store.listen(lambda _: seen.append(dict(store.boards)))
    await put(store, board())
    assert seen == [{board().id: board()}]


async def test_what_was_not_written_is_not_told(store: Store, board: Make) -> None:
    told: list[object] = []
    store.listen(told.append)
    with pytest.raises(NameTakenError):
        await put(store, board(), board(2, name=board().name))
    assert told == []
    assert (store.commits.done, store.commits.failed) == (0, 1)


async def test_a_listener_that_fails_undoes_nothing(store: Store, board: Make) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    told: list[object] = []
    store.listen(fail)
    store.listen(told.append)
    await put(store, board())
    assert board().id in store.boards
    assert len(told) == 1
    assert store.commits.done == 1
    assert store.commits.seconds > 0.0
