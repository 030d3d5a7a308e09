"""Hung boards are replaced; busy ones are left alone."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.launchers.launcher import Lost, Observation, Running
from tbgateway.supervisor.health import Patience
from tbgateway.supervisor.health_watch import HealthWatch
from tbgateway.upstream import Upstream

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")
SHORT = Patience(silence=0.1, answer=1.0, questions=2, every=0.02)


async def ask(upstream: Upstream, target: str = "/echo") -> int:
    async with upstream.request() as inflight:
        return (await inflight.ask("GET", target)).status


async def test_a_hung_board_is_replaced_and_who_waits_is_told_at_once(
    impatient: "House",
) -> None:
    upstream = await impatient.supervisor.upstream(BOARD)
    impatient.launcher.hang(impatient.launch)
    with capture_logs() as lines:
        with pytest.raises(TimeoutError):
            await ask(upstream)
        await impatient.until(lambda: impatient.status.generation == 2)
    successor = await impatient.supervisor.upstream(BOARD)
    assert successor is not upstream
    assert await ask(successor) == 200
    assert impatient.status.generation == 2
    assert list(await impatient.launcher.observe()) == [impatient.launch]
    assert not upstream.answers
    (why,) = (one["reason"] for one in lines if one["event"] == "board is tried again")
    assert why.startswith("it did not answer for ")
    assert [one["event"] for one in lines].count("board does not answer") == 2


async def test_a_board_that_hangs_again_and_again_fails(impatient: "House") -> None:
    for _ in range(impatient.means.limits.most_crashes):
        upstream = await impatient.supervisor.upstream(BOARD)
        impatient.launcher.hang(impatient.launch)
        with pytest.raises(TimeoutError):
            await ask(upstream)
        await upstream.retired()
    await impatient.until_state(BoardState.FAILED)
    assert "it did not answer for" in impatient.status.reason


async def test_a_board_that_answers_others_is_busy_and_stays(
    impatient: "House", monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = await impatient.supervisor.upstream(BOARD)
    board = impatient.launcher.board(impatient.launch)
    respond, asked = board._respond, []

    async def respond_slowly(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        while request.path == "/echo" and asked.count("/data/environment") < 4:
            await asyncio.sleep(0.01)
        return await respond(request)

    monkeypatch.setattr(board, "_respond", respond_slowly)
    assert await ask(upstream) == 200
    assert await impatient.supervisor.upstream(BOARD) is upstream
    assert upstream.answers
    assert impatient.status.generation == 1


async def test_a_hung_board_that_nobody_asks_is_left_alone(impatient: "House") -> None:
    upstream = await impatient.supervisor.upstream(BOARD)
    await impatient.until(lambda: impatient.status.visible is not None)
    impatient.launcher.hang(impatient.launch)
    await asyncio.sleep(1.5)
    assert await impatient.supervisor.upstream(BOARD) is upstream


async def test_a_question_that_got_lost_is_told_and_forgotten() -> None:
    """The second one is answered."""
    launch, hints = LaunchId("tb0000000001.1"), []
    running = Running(Path("/nowhere"), ("fake",))
    seen: list[Observation | None] = []

    class Forgetful:
        silence, answers, asked = 1.0, True, 0

        async def answers_to(self, _: str, *, within: float) -> bool:
            assert within == SHORT.answer
            self.asked += 1
            return self.asked != 1

    def hint(told: LaunchId) -> None:
        hints.append(told)
        seen.append(watch.told(launch, running))

    board = Forgetful()
    watch = HealthWatch(lambda: {launch: board}, hint, SHORT, asyncio.get_running_loop().time)  # type: ignore[dict-item] # as much of one as is asked
    assert watch.told(launch, running) is running
    watching = asyncio.ensure_future(watch.run())
    async with asyncio.timeout(30):
        while board.asked < 3:
            await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert hints == [launch, launch]
    assert seen == [replace(running, notes=("fake", "it does not answer; it is watched")), running]
    assert board.answers


async def test_one_that_loads_is_given_up_by_who_waits_long_before_it_is_replaced() -> None:
    launch = LaunchId("tb0000000001.1")
    running = Running(Path("/nowhere"), loads_itself=True)

    class Hung:
        silence, answers, asked = 1.0, True, 0

        def __init__(self) -> None:
            self.given_up_at: list[int] = []

        async def answers_to(self, _: str, *, within: float) -> bool:
            assert within == SHORT.answer
            self.asked += 1
            return False

        def give_up(self, silence: float) -> None:
            assert silence == SHORT.silence
            self.given_up_at.append(self.asked)

    board = Hung()
    watch = HealthWatch(lambda: {launch: board}, lambda _: None, SHORT, lambda: 7.0)  # type: ignore[dict-item, return-value] # as much of one as is asked
    assert watch.told(launch, running) is running
    watching = asyncio.ensure_future(watch.run())
    async with asyncio.timeout(30):
        while not isinstance(watch.told(launch, running), Lost):
            await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert board.given_up_at == list(range(SHORT.doubt, SHORT.questions_if_loading + 1))
    assert not board.answers


async def test_a_gateway_too_short_of_something_to_ask_holds_it_against_no_board() -> None:
    launch = LaunchId("tb0000000001.1")
    running = Running(Path("/nowhere"), loads_itself=True)

    class Unasked:
        silence, answers, asked = 9.0, True, 0

        async def answers_to(self, _: str, *, within: float) -> None:
            assert within == SHORT.answer
            self.asked += 1

        def give_up(self, _: float) -> None:
            raise AssertionError("nothing is known against it")

    board, hints = Unasked(), []
    watch = HealthWatch(lambda: {launch: board}, hints.append, SHORT, lambda: 7.0)  # type: ignore[dict-item, return-value] # as much of one as is asked
    with capture_logs() as lines:
        watching = asyncio.ensure_future(watch.run())
        async with asyncio.timeout(30):
            while board.asked <= SHORT.questions_if_loading:
                await asyncio.sleep(0.01)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert watch.told(launch, running) is running
    assert board.answers
    assert hints == []
    assert {one["event"] for one in lines} == {"board cannot be asked"}
