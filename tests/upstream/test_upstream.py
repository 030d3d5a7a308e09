"""Slots, queue and draining, on real unix sockets."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tbgateway.domain.errors import UnavailableError
from tbgateway.upstream import DrainingError, Upstream, UpstreamLostError

PATIENCE = 20.0


class Board:
    """Answers every request with the next of `answers`; None lets it wait for ever."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: list[bytes | None] = []
        self.asked = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            answer = self.answers.pop(0) if self.answers else b"[]"
            if answer is None:
                await reader.read()
            else:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer))
                writer.write(answer)
                await writer.drain()
        writer.close()


@pytest.fixture
async def board(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Board]:
    board = Board(tmp_path_factory.mktemp("u") / "s")
    server = await asyncio.start_unix_server(board.serve, str(board.path))
    yield board
    server.close()


@pytest.fixture
async def upstream_of(board: Board) -> AsyncIterator[Callable[..., Upstream]]:
    made: list[Upstream] = []

    def make(**limits: int) -> Upstream:
        made.append(Upstream(board.path, **limits))
        return made[-1]

    yield make
    for upstream in made:
        await upstream.close()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


async def test_so_many_run_at_once_and_the_rest_wait_in_order(upstream_of: Any) -> None:
    upstream = upstream_of(at_once=2, queued=3)
    order: list[int] = []
    go_on = asyncio.Event()

    async def one(number: int) -> None:
        async with upstream.request():
            order.append(number)
            await go_on.wait()

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(one(number))
        await until(lambda: upstream.in_flight == 5)
        assert order == [0, 1]
        with pytest.raises(UnavailableError) as full:
            async with upstream.request():
                pass
        go_on.set()

    assert full.value.retry_after
    assert order == [0, 1, 2, 3, 4]
    assert upstream.in_flight == 0


async def test_who_gives_up_waiting_leaves_his_place_to_others(upstream_of: Any) -> None:
    upstream = upstream_of(at_once=1, queued=2)
    entered: list[str] = []

    async def enter(name: str) -> None:
        async with upstream.request():
            entered.append(name)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group, upstream.request():
        impatient = group.create_task(enter("impatient"))
        group.create_task(enter("patient"))
        await until(lambda: upstream.in_flight == 3)
        impatient.cancel()
        await until(impatient.done)
        assert upstream.in_flight == 2

    assert entered == ["patient"]
    assert upstream.in_flight == 0


async def test_a_slot_handed_to_who_just_gave_up_is_not_lost(upstream_of: Any) -> None:
    upstream = upstream_of(at_once=1, queued=3)

    async def enter() -> None:
        async with upstream.request():
            pass

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        async with upstream.request():
            first, second, third = (group.create_task(enter()) for _ in range(3))
            await until(lambda: upstream.in_flight == 4)
            first.cancel()  # it hears of it only after its turn was passed over
        second.cancel()  # its turn came, but it has not noticed
        await until(third.done)

    assert upstream.in_flight == 0
    assert await upstream.drained(PATIENCE)


async def test_a_slot_handed_over_just_before_the_end_is_refused(upstream_of: Any) -> None:
    upstream = upstream_of(at_once=1)
    refused: list[Exception] = []

    async def enter() -> None:
        try:
            async with upstream.request() as inflight:
                await inflight.ask("GET", "/")
        except DrainingError as error:
            refused.append(error)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        async with upstream.request():
            group.create_task(enter())
            await until(lambda: upstream.in_flight == 2)
        await upstream.close()  # its turn came, but it has not noticed

    assert len(refused) == 1
    assert upstream.in_flight == 0


async def test_draining_waits_for_those_in_flight_and_refuses_others(upstream_of: Any) -> None:
    upstream = upstream_of(at_once=1, queued=5)
    refused: list[Exception] = []

    async def waiting() -> None:
        try:
            async with upstream.request():
                pass
        except DrainingError as error:
            refused.append(error)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        async with upstream.request():
            group.create_task(waiting())
            await until(lambda: upstream.in_flight == 2)
            assert not await upstream.drained(0.01)
            with pytest.raises(DrainingError):
                async with upstream.request():
                    pass
            drained = group.create_task(upstream.drained(PATIENCE))
        assert await drained

    assert len(refused) == 1
    assert "draining" in repr(upstream)


async def test_closing_ends_requests_before_and_within_their_answer(
    board: Board, upstream_of: Any
) -> None:
    upstream = upstream_of()
    board.answers = [None]
    ended: list[type[Exception]] = []

    async def ask() -> None:
        try:
            async with upstream.request() as inflight:
                await inflight.ask("GET", "/")
        except (UpstreamLostError, aiohttp.ClientError) as error:
            ended.append(type(error))

    async def compute() -> None:
        try:
            async with upstream.request():
                await asyncio.Event().wait()
        except UpstreamLostError as error:
            ended.append(type(error))

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(ask())
        group.create_task(compute())
        await until(lambda: board.asked == 1)
        await upstream.close()

    assert len(ended) == 2
    assert upstream.in_flight == 0
    await upstream.retired()


async def test_a_cancelled_request_frees_its_slot(board: Board, upstream_of: Any) -> None:
    upstream = upstream_of(at_once=1)
    board.answers = [None]

    async def ask() -> None:
        async with upstream.request() as inflight:
            await inflight.ask("GET", "/")

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        task = group.create_task(ask())
        await until(lambda: board.asked)
        task.cancel()

    assert await upstream.drained(PATIENCE)


async def test_a_timeout_of_the_caller_stays_a_timeout(upstream_of: Any) -> None:
    upstream = upstream_of()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), upstream.request():
            await asyncio.Event().wait()

    assert upstream.in_flight == 0


async def test_the_gateways_own_questions_pass_the_queue(board: Board, upstream_of: Any) -> None:
    upstream = upstream_of(at_once=1, queued=0)
    board.answers = [b'["run", "other/run"]', b"no json"]

    async with upstream.request():
        assert await upstream.get_json("/data/runs") == ["run", "other/run"]
        assert upstream.in_flight == 1
        with pytest.raises(ValueError, match="Expecting"):
            await upstream.get_json("/data/runs")


async def test_a_question_nobody_answers_ends(board: Board, upstream_of: Any) -> None:
    upstream = upstream_of()
    board.answers = [None]

    with pytest.raises(TimeoutError):
        await upstream.get_json("/data/runs", patience=0.05)


async def test_questions_to_what_is_gone_are_errors(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "nothing")

    with pytest.raises(OSError, match="No such file"):
        await upstream.get_json("/data/runs")
    await upstream.close()
    with pytest.raises(aiohttp.ClientError):
        await upstream.get_json("/data/runs")


async def test_reads_that_fail_are_not_repeated_behind_our_back(board: Board) -> None:
    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        board.asked += 1
        writer.close()

    path = board.path.with_name("dying")
    server = await asyncio.start_unix_server(die, str(path))
    upstream = Upstream(path)
    with pytest.raises(aiohttp.ClientError):
        async with upstream.request() as inflight:
            await inflight.ask("GET", "/")
    await upstream.close()
    server.close()

    assert board.asked == 1


async def test_silence_is_that_of_the_request_that_waits_longest(
    board: Board, upstream_of: Any
) -> None:
    upstream = upstream_of()
    assert upstream.silence == 0.0
    board.answers = [None]

    async def ask() -> None:
        async with upstream.request() as inflight:
            await inflight.ask("GET", "/")

    waiting = asyncio.ensure_future(ask())
    await until(lambda: upstream.silence > 0.2)
    async with upstream.request() as inflight:
        answer = await inflight.ask("GET", "/")
        assert await answer.content.read() == b"[]"
        assert upstream.silence > 0.2
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert upstream.silence == 0.0


async def test_a_board_is_not_silent_while_nobody_listens_to_it(upstream_of: Any) -> None:
    upstream = upstream_of()
    async with upstream.request() as inflight:
        await inflight.ask("GET", "/")
        assert upstream.silence == 0.0


async def test_any_answer_is_a_sign_of_life_and_none_is_not(board: Board, upstream_of: Any) -> None:
    upstream = upstream_of(at_once=1)
    board.answers = [b"no JSON", None]

    async with upstream.request():  # it is not one of the requests at once
        assert await upstream.answers_to("/", within=PATIENCE)
        assert not await upstream.answers_to("/", within=0.05)
        assert upstream.in_flight == 1


async def test_a_board_that_takes_no_connection_for_a_moment_is_asked_again(
    board: Board, upstream_of: Any
) -> None:
    elsewhere = board.path.with_name("elsewhere")
    board.path.rename(elsewhere)
    asking = asyncio.ensure_future(upstream_of().answers_to("/", within=PATIENCE))
    await asyncio.sleep(0.01)
    assert not asking.done()
    elsewhere.rename(board.path)
    assert await asking


async def test_asking_ends_when_the_generation_does(board: Board, upstream_of: Any) -> None:
    upstream = upstream_of()
    board.answers = [None]
    asking = asyncio.ensure_future(upstream.answers_to("/", within=PATIENCE))
    await until(lambda: board.asked)
    await upstream.close()
    assert not await asking


async def test_a_gateway_without_descriptors_finds_out_nothing_about_a_board(
    upstream_of: Callable[..., Upstream], monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = upstream_of()
    assert await upstream.answers_to("/", within=PATIENCE) is True

    def without(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr("tbgateway.upstream.conversation.LocalTransport.connect", without)
        assert await upstream.answers_to("/", within=0.1) is None
    assert await upstream.answers_to("/", within=PATIENCE) is True


async def test_who_waits_for_a_slot_of_a_board_that_hangs_is_given_up_with_the_others(
    board: Board, upstream_of: Callable[..., Upstream]
) -> None:
    upstream = upstream_of(at_once=1, queued=3)
    board.answers = [None]

    async def ask() -> int:
        async with upstream.request() as inflight:
            return (await inflight.ask("GET", "/")).status

    asking = [asyncio.ensure_future(ask()) for _ in range(3)]
    async with asyncio.timeout(PATIENCE):
        while upstream.waiting < 2 or upstream.silence < 0.2:
            await asyncio.sleep(0.01)
        late = asyncio.ensure_future(ask())
        while upstream.waiting < 3:
            await asyncio.sleep(0)
        upstream.give_up(0.2)
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert [isinstance(one, TimeoutError) for one in results] == [True] * 3
        assert await late == 200, "it came when nobody had waited for long"
    assert upstream.in_flight == 0
