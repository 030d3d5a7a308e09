"""Events, as clients of a real gateway get them; only the boards' processes are fakes."""

import asyncio
import json
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from event_stream import PATIENCE, Listening, listening
from event_writer import write_scalars
from gateway_in_process import ADMIN_PASSWORD, started
from signing_in import sign_in, sign_out

from tbgateway.backups import Backups
from tbgateway.boards import Entry
from tbgateway.controlplane.api.event_feed import Event, ExperimentEvents
from tbgateway.controlplane.api.event_stream import StreamLimits
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.domain.names import ExperimentId
from tbgateway.events import BoardChanged, ExperimentChanged, ExperimentGone
from tbgateway.gateway import Gateway

HIGH_WATER = 64 * 1024  # bytes that asyncio buffers before it makes writers wait
ADMIN = SignedIn("admin", Role.ADMIN)
ADA = SignedIn("ada", Role.EDITOR)
SECRET = Entry(access=Access.PASSWORD, username="looker", password="the-lookers-password")


def basic(name: str, password: str = ADMIN_PASSWORD) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


FLOOD = [ExperimentGone(ExperimentId(f"ex{n:010}"), "gone") for n in range(1001)]


class Site:
    """A gateway with the members admin, ada (editor) and vera (viewer), and two experiments."""

    def __init__(self, gateway: Gateway, home: Path) -> None:
        self.gateway = gateway
        self.home = home
        self.api = gateway.observing.events

    def listen(
        self, who: str = "admin", query: str = "", last: str | None = None
    ) -> AbstractAsyncContextManager[Listening]:
        headers = {} if last is None else {"Last-Event-ID": last}
        return listening(self.gateway.url, basic(who), query, headers)

    async def get(self, path: str, who: str = "admin") -> tuple[int, bytes]:
        headers = {"Authorization": basic(who)}
        url = f"{self.gateway.url}{path}"
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            return answer.status, await answer.read()

    async def nobody_listens(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.api.streams):
                await asyncio.sleep(0.01)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        for name in ("first", "second"):
            write_scalars(home / "runs" / name, {"loss": [1.0, 0.5]})
        async with started(home) as gateway:
            for member in (ADA, SignedIn("vera", Role.VIEWER)):
                await gateway.members.create(member.name, role=member.role, password=ADMIN_PASSWORD)
            yield Site(gateway, home)


async def test_a_stream_says_what_it_is(site: Site) -> None:
    async with site.listen() as stream:
        headers = stream.response.headers
        assert stream.response.status == 200
        assert headers["Content-Type"] == "text/event-stream"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in headers
        assert await stream.block() == {"retry": "2000"}


async def test_whoever_begins_to_listen_is_told_to_fetch_everything(site: Site) -> None:
    async with site.listen() as stream:
        told = await stream.next()
    assert told is not None
    assert (told.name, told.data) == ("reset", {})


async def test_a_board_is_told_exactly_as_the_api_shows_it(site: Site) -> None:
    async with site.listen() as stream:
        board = await site.gateway.boards.create(ADMIN, "vision", ["first"], Entry())
        told = await stream.until("board", name="vision")
        _, shown = await site.get(f"/api/v1/boards/{board.id}")
    assert told.data == json.loads(shown)
    assert told.data["url"] == f"{site.gateway.url}/boards/vision/"


async def test_an_experiment_is_told_exactly_as_the_api_shows_it(site: Site) -> None:
    async with site.listen("vera") as stream:
        await site.gateway.experiments.complete("first", by="ada")
        told = await stream.until("experiment", name="first")
        _, shown = await site.get(f"/api/v1/experiments/{told.data['id']}")
    assert told.data == json.loads(shown)
    assert told.data["state"] == "completed"


async def test_brief_events_tell_which_it_is_and_nothing_more(site: Site) -> None:
    async with site.listen(query="?brief=true") as stream:
        board = await site.gateway.boards.create(ADMIN, "vision", ["first"], Entry())
        assert (await stream.until("board")).data == {"id": board.id, "name": "vision"}
        changed = await site.gateway.experiments.complete("second", by="ada")
        told = await stream.until("experiment", name="second")
        assert told.data == {"id": changed.id, "name": "second"}
        await site.gateway.boards.delete(ADMIN, "vision")
        assert (await stream.until("board-deleted")).data == {"id": board.id, "name": "vision"}


async def test_brief_events_tell_no_more_than_others_of_what_must_not_be_seen(site: Site) -> None:
    async with site.listen("vera", query="?brief=true") as stream:
        await stream.next()
        await site.gateway.boards.create(ADA, "hidden", [], SECRET)
        await site.gateway.boards.create(ADA, "open", [], Entry())
        told = await stream.next()
    assert told is not None
    assert (told.name, told.data["name"]) == ("board", "open")


async def test_a_board_that_wakes_tells_its_way(site: Site) -> None:
    board = await site.gateway.boards.create(ADMIN, "vision", ["first"], Entry())
    async with site.listen() as stream:
        await site.gateway.boards.start(ADMIN, "vision")
        await stream.until("board", id=board.id, state="running")
        await site.gateway.boards.pause(ADMIN, "vision")
        await stream.until("board", id=board.id, state="paused")


async def test_an_experiment_on_a_board_that_ends_is_told_with_the_board(site: Site) -> None:
    await site.gateway.boards.create(ADMIN, "vision", ["first"], Entry())
    async with site.listen(query="?board=vision") as stream:
        await site.gateway.experiments.complete("first", by="ada")
        while (told := await stream.until("board")).data["experiments"][0]["state"] != "added":
            pass
    assert told.data["name"] == "vision"


async def test_deletions_are_told_by_id_and_name(site: Site) -> None:
    board = await site.gateway.boards.create(ADMIN, "vision", [], Entry())
    async with site.listen() as stream:
        await stream.next()
        await site.gateway.boards.delete(ADMIN, "vision")
        told = await stream.until("board-deleted")
    assert told.data == {"id": board.id, "name": "vision"}


async def test_a_forgotten_experiment_is_told_by_id_and_name(site: Site) -> None:
    directory = site.home / "runs" / "third"
    write_scalars(directory, {"loss": [1.0]})
    experiment = await site.gateway.experiments.register(str(directory))
    directory.rename(site.home / "elsewhere")
    async with site.listen() as stream:
        await stream.next()
        await site.gateway.experiments.delete(ADMIN, "third")
        told = await stream.until("experiment-deleted")
    assert told.data == {"id": experiment.id, "name": "third"}


async def test_nobody_hears_of_boards_they_may_not_see(site: Site) -> None:
    async with site.listen("vera") as stream:
        await stream.next()
        await site.gateway.boards.create(ADA, "hidden", [], SECRET)
        await site.gateway.boards.delete(ADA, "hidden")
        await site.gateway.boards.create(ADA, "open", [], Entry())
        told = await stream.next()
    assert told is not None
    assert (told.name, told.data["name"]) == ("board", "open")


async def test_a_board_that_is_closed_to_somebody_is_gone_for_them_only(site: Site) -> None:
    await site.gateway.boards.create(ADA, "vision", [], Entry())
    async with site.listen("vera") as viewer, site.listen("ada") as owner:
        await viewer.next()
        await site.gateway.boards.set_entry(ADA, "vision", SECRET)
        assert (await viewer.until("board-deleted")).data["name"] == "vision"
        assert (await owner.until("board")).data["access"] == "password"
        await site.gateway.boards.set_entry(ADA, "vision", Entry(access=Access.PUBLIC))
        assert (await viewer.until("board")).data["access"] == "public"


async def test_log_lines_of_a_failed_board_are_for_those_who_may_change_it(site: Site) -> None:
    await site.gateway.boards.create(ADA, "vision", [], Entry())
    async with site.listen("vera") as viewer:
        await site.gateway.boards.rename(ADA, "vision", "sight")
        assert (await viewer.until("board", name="sight")).data["log"] == ""


async def test_a_lost_stream_goes_on_where_it_was(site: Site) -> None:
    async with site.listen() as stream:
        await site.gateway.boards.create(ADMIN, "one", [], Entry())
        last = await stream.until("board", name="one")
    await site.gateway.boards.create(ADMIN, "two", [], Entry())
    async with site.listen(last=last.id) as stream:
        told = await stream.next()
    assert told is not None
    assert (told.name, told.data["name"]) == ("board", "two")


async def test_the_last_id_can_be_given_in_the_query(site: Site) -> None:
    async with site.listen() as stream:
        first = await stream.next()
    assert first is not None
    await site.gateway.boards.create(ADMIN, "two", [], Entry())
    async with site.listen(query=f"?last_event_id={first.id}") as stream:
        told = await stream.next()
    assert told is not None
    assert told.name == "board"


@pytest.mark.parametrize("strange", ["deadbeef-1", "nonsense", "0"])
async def test_whoever_was_elsewhere_is_told_to_fetch_everything(site: Site, strange: str) -> None:
    async with site.listen(last=strange) as stream:
        told = await stream.next()
    assert told is not None
    assert told.name == "reset"


async def test_whoever_would_have_too_much_to_catch_up_with_is_told_to_fetch_everything(
    site: Site,
) -> None:
    site.api.bus.publish(*FLOOD)
    async with site.listen(last=site.api.bus.id_of(0)) as stream:
        told = await stream.next()
    assert told is not None
    assert (told.name, told.id) == ("reset", site.api.bus.id_of(site.api.bus.newest))


async def test_whoever_listens_to_one_board_is_told_its_id_for_when_its_name_changes(
    site: Site,
) -> None:
    board = await site.gateway.boards.create(ADMIN, "vision", [], Entry())
    async with site.listen(query="?board=vision") as stream:
        told = await stream.next()
    assert told is not None
    assert (told.name, told.data) == ("reset", {"id": board.id, "name": "vision"})


async def test_a_deletion_is_told_even_if_it_was_lost_in_a_flood(site: Site) -> None:
    board = await site.gateway.boards.create(ADMIN, "vision", [], Entry())
    async with site.listen(query="?board=vision") as stream:
        await stream.next()
        site.gateway.store.listen(lambda _: site.api.bus.publish(*FLOOD))
        await site.gateway.boards.delete(ADMIN, "vision")
        told = await stream.next()
        assert told is not None
        assert (told.name, told.data) == ("board-deleted", {"id": board.id, "name": "vision"})
        assert await stream.next() is None


async def test_an_experiment_is_put_into_words_once_for_all_who_listen(site: Site) -> None:
    experiments = site.gateway.experiments
    told = ExperimentEvents(experiments)
    first = told.at(1, experiments.find("first").id)
    assert first is not None
    changed = await experiments.complete("first", by="ada")
    assert told.at(1, changed.id) is first
    newer = told.at(2, changed.id)
    assert newer is not None
    assert json.loads(newer.data)["state"] == "completed"


async def test_others_get_their_turns_while_much_is_told(site: Site) -> None:
    turns = 0
    told_in: list[int] = []

    class Slow(ExperimentEvents):
        def at(
            self, place: int, experiment_id: ExperimentId, *, brief: bool = False
        ) -> Event | None:
            told_in.append(turns)
            return super().at(place, experiment_id, brief=brief)

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    site.api._experiments = Slow(site.gateway.experiments)
    site.api.streams.share.seconds = 0.0  # so that any work is too much for one turn
    news = [ExperimentChanged(ExperimentId(f"ex{n:010}")) for n in range(100)]
    async with site.listen() as first, site.listen() as second:
        await first.next()
        await second.next()
        counting = asyncio.ensure_future(count())
        site.api.bus.publish(*news)
        async with asyncio.timeout(PATIENCE):
            while len(told_in) < 2 * len(news):
                await asyncio.sleep(0.01)
        counting.cancel()
    assert len(set(told_in)) == 2 * len(news)


async def test_only_one_board_is_told_of_to_those_who_ask_for_one(site: Site) -> None:
    board = await site.gateway.boards.create(ADMIN, "vision", [], Entry())
    async with site.listen(query="?board=vision") as stream:
        await stream.next()
        await site.gateway.boards.create(ADMIN, "other", [], Entry())
        await site.gateway.experiments.complete("first", by="ada")
        await site.gateway.boards.rename(ADMIN, "vision", "sight")
        told = await stream.next()
        assert told is not None
        assert (told.name, told.data["id"], told.data["name"]) == ("board", board.id, "sight")
        await site.gateway.boards.delete(ADMIN, "sight")
        assert (await stream.until("board-deleted")).data["id"] == board.id
        assert await stream.next() is None


async def test_a_board_that_cannot_be_seen_cannot_be_listened_to(site: Site) -> None:
    await site.gateway.boards.create(ADA, "hidden", [], SECRET)
    assert (await site.get("/api/v1/events?board=hidden", "vera"))[0] == 404
    assert (await site.get("/api/v1/events?board=none"))[0] == 404


async def test_the_head_of_a_stream_can_be_asked_for(site: Site) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.head(
            f"{site.gateway.url}/api/v1/events", headers={"Authorization": basic("admin")}
        ) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
    await site.nobody_listens()


async def test_a_silent_stream_shows_that_it_lives_and_where_it_is(site: Site) -> None:
    site.api.streams.limits = StreamLimits(heartbeat=0.05)
    async with site.listen("vera") as stream:
        first = await stream.next()
        assert first is not None
        await site.gateway.boards.create(ADA, "hidden", [], SECRET)
        while (block := await stream.block())["id"] == first.id:
            assert set(block) == {"", "id"}


async def test_what_changes_often_is_told_as_it_is_by_then(site: Site) -> None:
    site.api.streams.limits = StreamLimits(pace=0.5)
    board = await site.gateway.boards.create(ADMIN, "name-0", [], Entry())
    async with site.listen() as stream:
        await stream.next()
        names = [f"name-{number}" for number in range(1, 51)]
        for name in names:
            await site.gateway.boards.rename(ADMIN, board.id, name)
        heard = []
        while not heard or heard[-1] != names[-1]:
            heard.append((await stream.until("board", id=board.id)).data["name"])
    assert len(heard) < len(names) / 2


async def test_one_member_cannot_take_every_stream(site: Site) -> None:
    site.api.streams.limits = StreamLimits(most=3, each=2)
    async with site.listen("ada") as first, site.listen("ada") as second:
        await first.next()
        await second.next()
        status, body = await site.get("/api/v1/events", "ada")
        assert status == 429
        assert json.loads(body)["hint"]
        async with site.listen("vera") as third:
            await third.next()
            assert (await site.get("/api/v1/events"))[0] == 503
    await site.nobody_listens()
    async with site.listen("ada") as again:
        assert await again.next() is not None


async def test_a_stream_ends_with_the_members_account(site: Site) -> None:
    async with site.listen("vera") as stream:
        await stream.next()
        await site.gateway.members.delete(ADMIN, "vera")
        assert await stream.next() is None


async def test_a_stream_ends_with_the_password_it_began_with(site: Site) -> None:
    async with site.listen("vera") as stream:
        await stream.next()
        await site.gateway.members.set_password(ADMIN, "vera", "another-good-password")
        assert await stream.next() is None


async def test_a_stream_that_began_with_the_newest_password_goes_on(site: Site) -> None:
    token = await site.gateway.members.create_token(ADMIN, "vera", label="t", lifetime=None)
    await site.gateway.members.set_password(ADMIN, "vera", "another-good-password")
    password = basic("vera", "another-good-password")
    for credentials in (password, f"Bearer {token.secret}"):
        async with listening(site.gateway.url, credentials) as stream:
            await stream.next()
            await site.gateway.experiments.complete("first", by="ada")
            await site.gateway.experiments.fail("first", reason="no", by="ada")
            await stream.until("experiment", name="first")


async def test_a_stream_ends_when_the_role_changes(site: Site) -> None:
    async with site.listen("ada") as stream:
        await stream.next()
        async with site.gateway.store.transaction() as tx:
            tx.put(replace(site.gateway.store.members["ada"], role=Role.VIEWER))
        assert await stream.next() is None


async def test_a_stream_ends_with_its_token_but_not_with_another(site: Site) -> None:
    members = site.gateway.members
    token = await members.create_token(ADMIN, "vera", label="t", lifetime=None)
    other = await members.create_token(ADMIN, "vera", label="o", lifetime=None)
    async with listening(site.gateway.url, f"Bearer {token.secret}") as stream:
        await stream.next()
        await members.delete_token(ADMIN, other.token.id)
        await members.set_password(ADMIN, "vera", "another-good-password")
        await site.gateway.boards.create(ADMIN, "vision", [], Entry())
        await stream.until("board", name="vision")
        await members.delete_token(ADMIN, token.token.id)
        assert await stream.next() is None


async def test_a_stream_ends_with_its_session_but_not_with_another(site: Site) -> None:
    first, second = [
        (await sign_in(site.gateway.url, "vera", ADMIN_PASSWORD)).cookie for _ in range(2)
    ]
    async with listening(site.gateway.url, "", headers={"Cookie": first}) as stream:
        await stream.next()
        await sign_out(site.gateway.url, second)
        await site.gateway.boards.create(ADMIN, "vision", [], Entry())
        await stream.until("board", name="vision")
        await sign_out(site.gateway.url, first)
        assert await stream.next() is None


async def test_a_stream_of_a_session_ends_though_the_browser_repeats_a_password(
    site: Site,
) -> None:
    cookie = (await sign_in(site.gateway.url, "vera", ADMIN_PASSWORD)).cookie
    async with listening(site.gateway.url, basic("admin"), headers={"Cookie": cookie}) as stream:
        await stream.next()
        await site.gateway.members.set_password(ADMIN, "vera", "another-good-password")
        assert await stream.next() is None


async def test_a_stream_ends_when_its_token_expires(site: Site) -> None:
    site.api.streams.limits = StreamLimits(heartbeat=0.05)
    token = await site.gateway.members.create_token(ADMIN, "vera", label="t", lifetime=0.5)
    async with listening(site.gateway.url, f"Bearer {token.secret}") as stream:
        assert await stream.next() is not None
        assert await stream.next() is None


async def test_a_stopping_gateway_ends_its_streams_at_once(home_of_its_own: Path) -> None:
    async with started(home_of_its_own, overrides={"server.drain_timeout": 600.0}) as gateway:
        stack = listening(gateway.url, basic("admin"))
        stream = await stack.__aenter__()
        await stream.next()
    assert await stream.next() is None
    await stack.__aexit__(None, None, None)


async def test_a_stopping_gateway_does_not_wait_for_who_does_not_read(
    home_of_its_own: Path,
) -> None:
    overrides = {"server.drain_timeout": 600.0}
    async with asyncio.timeout(PATIENCE), started(home_of_its_own, overrides=overrides) as gateway:
        streams = gateway.observing.events.streams
        streams.limits = StreamLimits(pace=0.0)
        _, writer = await asyncio.open_unix_connection(str(gateway.control), limit=1)
        writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        board = await gateway.boards.create(ADMIN, "vision", [], Entry())
        while not any(one.get_write_buffer_size() > HIGH_WATER for one in streams._open):
            gateway.observing.events.bus.publish(BoardChanged(board.id))
            await asyncio.sleep(0)
    writer.close()


@pytest.fixture
def home_of_its_own() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        (Path(directory) / "runs").mkdir()
        yield Path(directory)


async def test_a_restore_is_told_to_who_listens_and_ends_the_streams_of_sessions(
    site: Site,
) -> None:
    gateway = site.gateway
    backups = Backups(gateway.store, gateway.supervisor.wake)
    await gateway.boards.create(ADMIN, "kept", [], Entry())
    await gateway.boards.create(ADMIN, "deleted", [], Entry())
    content = await backups.make(ADMIN)
    await gateway.boards.rename(ADMIN, "kept", "renamed")
    await gateway.boards.delete(ADMIN, "deleted")
    await gateway.boards.create(ADMIN, "later", [], Entry())
    cookie = (await sign_in(gateway.url, "vera", ADMIN_PASSWORD)).cookie

    async def receive() -> bytes:
        return content

    async with (
        listening(gateway.url, basic("admin")) as stream,
        listening(gateway.url, "", headers={"Cookie": cookie}) as of_session,
    ):
        assert await stream.next() is not None
        assert await of_session.next() is not None
        await backups.restore(ADMIN, receive)
        missing = {("board", "kept"), ("board", "deleted"), ("board-deleted", "later")}
        while missing:
            told = await stream.next()
            assert told is not None
            missing.discard((told.name, told.data.get("name")))
        assert await of_session.next() is None
