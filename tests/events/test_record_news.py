"""What is committed to a real store, and what the bus then holds."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tbgateway.domain.model import (
    Access,
    Board,
    Description,
    Experiment,
    ExperimentState,
    LaunchRecord,
    Member,
    Membership,
    Role,
    Session,
    Token,
)
from tbgateway.domain.names import LaunchId
from tbgateway.events import (
    AccountsChanged,
    BoardChanged,
    BoardGone,
    Bus,
    ExperimentChanged,
    ExperimentGone,
    News,
    RecordNews,
)
from tbgateway.store import Store
from tbgateway.store.tables import Record

MakeBoard = Callable[..., Board]
MakeExperiment = Callable[..., Experiment]


class Site:
    """A store and a bus that is told of it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.bus = Bus()
        store.listen(RecordNews(self.bus, store))

    async def put(self, *records: Record) -> list[News]:
        """Commit the records; return the news of it."""
        return await self._commit(records, ())

    async def drop(self, *records: Record) -> list[News]:
        """Commit that the records are gone; return the news of it."""
        return await self._commit((), records)

    async def _commit(self, put: tuple[Record, ...], drop: tuple[Record, ...]) -> list[News]:
        before = self.bus.newest
        async with self.store.transaction() as tx:
            tx.put(*put)
            tx.drop(*drop)
        return [news for _, news in self.bus.read(before).news]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    store = Store.open(tmp_path / "state" / "gateway.db")
    yield Site(store)
    await store.close()


def joined(board: Board, experiment: Experiment) -> Membership:
    return Membership(board_id=board.id, experiment_id=experiment.id, added_at=0.0)


async def test_a_description_is_news_of_its_experiment(
    site: Site, experiment: MakeExperiment
) -> None:
    await site.put(experiment())
    described = Description(experiment_id=experiment().id, tags=("a",))
    assert await site.put(described) == [ExperimentChanged(experiment().id)]
    assert await site.put(described) == []
    gone = await site.drop(experiment())
    assert [type(news) for news in gone] == [ExperimentGone]


async def test_a_new_board_is_news(site: Site, board: MakeBoard) -> None:
    assert await site.put(board()) == [BoardChanged(board().id)]


@pytest.mark.parametrize(
    "change",
    [{"name": "other"}, {"paused": True}, {"username": "somebody"}, {"idle_timeout": 60.0}],
    ids=str,
)
async def test_what_is_told_of_a_board_is_news(
    site: Site, board: MakeBoard, change: dict[str, object]
) -> None:
    await site.put(board())
    assert await site.put(board(**change)) == [BoardChanged(board().id)]


@pytest.mark.parametrize(
    "change",
    [{"generation": 7}, {"last_visited_at": 9.0}, {"password_hash": "h"}, {}],
    ids=str,
)
async def test_what_is_not_told_of_a_board_is_no_news(
    site: Site, board: MakeBoard, change: dict[str, object]
) -> None:
    await site.put(board())
    assert await site.put(board(**change)) == []


@pytest.mark.parametrize("change", [{"access": Access.PASSWORD}, {"owner": "bob"}], ids=str)
async def test_a_board_with_other_lookers_is_gone_for_some(
    site: Site, board: MakeBoard, change: dict[str, object]
) -> None:
    await site.put(board())
    assert await site.put(board(**change)) == [BoardGone(board()), BoardChanged(board().id)]


async def test_a_deleted_board_is_gone(
    site: Site, board: MakeBoard, experiment: MakeExperiment
) -> None:
    await site.put(experiment(), board(), joined(board(), experiment()))
    assert BoardGone(board()) in await site.drop(board())


async def test_a_change_of_its_experiments_is_news_of_the_board(
    site: Site, board: MakeBoard, experiment: MakeExperiment
) -> None:
    await site.put(experiment(), board())
    membership = joined(board(), experiment())
    assert await site.put(membership) == [BoardChanged(board().id)]
    assert await site.put(membership) == []
    assert await site.drop(membership) == [BoardChanged(board().id)]


async def test_a_growing_experiment_is_no_news_of_its_boards(
    site: Site, board: MakeBoard, experiment: MakeExperiment
) -> None:
    await site.put(experiment(), board(), joined(board(), experiment()))
    assert await site.put(experiment(bytes=10)) == [ExperimentChanged(experiment().id)]


@pytest.mark.parametrize(
    "change", [{"state": ExperimentState.COMPLETED}, {"problem": "gone"}, {"name": "new"}], ids=str
)
async def test_what_boards_tell_of_an_experiment_is_news_of_them(
    site: Site, board: MakeBoard, experiment: MakeExperiment, change: dict[str, object]
) -> None:
    await site.put(experiment(), board(), joined(board(), experiment()))
    news = await site.put(experiment(**change))
    assert sorted(map(str, news)) == sorted(
        [str(ExperimentChanged(experiment().id)), str(BoardChanged(board().id))]
    )


async def test_a_namesake_in_another_root_changes_how_both_are_called(
    site: Site, board: MakeBoard, experiment: MakeExperiment
) -> None:
    await site.put(experiment(), board(), joined(board(), experiment()))
    namesake = experiment(2, root="team", name=experiment().name)
    told = set(await site.put(namesake))
    assert told == {
        ExperimentChanged(namesake.id),
        ExperimentChanged(experiment().id),
        BoardChanged(board().id),
    }
    gone = await site.drop(namesake)
    assert set(gone) == {
        ExperimentGone(namesake.id, f"team:{namesake.name}"),
        ExperimentChanged(experiment().id),
        BoardChanged(board().id),
    }


async def test_a_forgotten_experiment_is_gone(site: Site, experiment: MakeExperiment) -> None:
    await site.put(experiment())
    assert await site.drop(experiment()) == [ExperimentGone(experiment().id, "run-1")]


async def test_many_changes_of_one_transaction_are_told_once(
    site: Site, board: MakeBoard, experiment: MakeExperiment
) -> None:
    many = [experiment(number) for number in range(100)]
    memberships = [joined(board(), one) for one in many]
    news = await site.put(*many, board(), *memberships)
    assert news.count(BoardChanged(board().id)) == 1
    assert len(news) == 101


async def test_a_value_that_only_compares_as_the_same_is_news(
    site: Site, experiment: MakeExperiment
) -> None:
    one = experiment(1)
    said = Description(experiment_id=one.id, params={"amp": 1})
    await site.put(one, said)
    assert await site.put(replace(said, params={"amp": True})) == [ExperimentChanged(one.id)]
    assert await site.put(replace(said, params={"amp": True})) == []


async def test_accounts_are_news_that_names_nobody(site: Site) -> None:
    ada = Member(name="ada", role=Role.EDITOR, password_hash="h", created_at=0.0)
    token = Token(id="t", member="ada", label="l", digest="d", created_at=0.0)
    assert await site.put(ada) == [AccountsChanged()]
    assert await site.put(token) == [AccountsChanged()]
    assert await site.drop(token) == [AccountsChanged()]
    assert await site.put(replace(ada, role=Role.VIEWER)) == [AccountsChanged()]


async def test_sessions_are_news_that_names_nobody(site: Site) -> None:
    ada = Member(name="ada", role=Role.EDITOR, password_hash="h", created_at=0.0)
    session = Session(
        id="s",
        member="ada",
        digest="d",
        credential_generation=0,
        created_at=0.0,
        expires_at=1.0,
    )
    await site.put(ada)
    assert await site.put(session) == [AccountsChanged()]
    assert await site.drop(session) == [AccountsChanged()]


async def test_launches_are_nobodys_business(site: Site, board: MakeBoard) -> None:
    await site.put(board())
    launch = LaunchRecord(launch_id=LaunchId("tb.1"), board_id=board().id, handle="{}")
    assert await site.put(launch) == []
