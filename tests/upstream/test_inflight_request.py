"""Ending a request from outside."""

import asyncio
from pathlib import Path

import pytest

from tbgateway.upstream import InflightRequest, UpstreamLostError


async def test_an_aborted_request_says_so() -> None:
    everyone: set[InflightRequest] = set()

    async def work() -> None:
        with InflightRequest(Path("none"), everyone):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    for inflight in everyone:
        inflight.abort()
        inflight.abort()

    with pytest.raises(UpstreamLostError):
        await task
    assert not everyone


async def test_a_cancellation_by_others_stays_one() -> None:
    everyone: set[InflightRequest] = set()

    async def work() -> None:
        with InflightRequest(Path("none"), everyone):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    next(iter(everyone)).abort()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_abort_that_comes_too_late_changes_nothing() -> None:
    inflight = InflightRequest(Path("none"), set())
    with inflight:
        pass

    inflight.abort()
    await asyncio.sleep(0)
