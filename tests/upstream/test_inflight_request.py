"""Ending a request from outside."""

import asyncio
from pathlib import Path

import pytest

from tbgateway.upstream import InflightRequest, UpstreamLostError
from tbgateway.upstream.requests_in_flight import RequestsInFlight


async def test_an_aborted_request_says_so() -> None:
    everyone = RequestsInFlight()

    async def work() -> None:
        with InflightRequest(Path("none"), everyone):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    everyone.abort()
    everyone.abort()

    with pytest.raises(UpstreamLostError):
        await task
    assert repr(everyone) == "<RequestsInFlight 0>"


async def test_a_cancellation_by_others_stays_one() -> None:
    everyone = RequestsInFlight()

    async def work() -> None:
        with InflightRequest(Path("none"), everyone):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    everyone.abort()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_abort_that_comes_too_late_changes_nothing() -> None:
    inflight = InflightRequest(Path("none"), RequestsInFlight())
    with inflight:
        pass

    inflight.abort()
    await asyncio.sleep(0)
