"""A listener whose requests are answered by the test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web

from tbgateway.dataplane.incoming import IncomingRequest
from tbgateway.listener.connection import ConnectionLimits, Judge
from tbgateway.listener.listener import Listener, nobody


class Running:
    """A running listener; `answer` is what it says, `requests` what it was asked."""

    def __init__(self, limits: ConnectionLimits | None, judge: Judge) -> None:
        self.requests: list[IncomingRequest] = []
        self.answer: Callable[[IncomingRequest], Awaitable[web.StreamResponse]] | None = None
        self.listener = Listener(self._handle, limits, judge)
        self.addresses: tuple[str, ...] = ()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self.addresses[0].rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))

    async def _handle(self, request: IncomingRequest) -> web.StreamResponse:
        self.requests.append(request)
        return await self.answer(request) if self.answer else web.Response(text="ok")


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(default=repr)],
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
async def listen() -> AsyncIterator[Callable[..., Awaitable[Running]]]:
    """Start listeners: `await listen("127.0.0.1:0", limits=…, control=…)`."""
    started: list[Running] = []

    async def start(
        *addresses: str,
        limits: ConnectionLimits | None = None,
        control: Path | None = None,
        judge: Judge = nobody,
        environment: dict[str, str] | None = None,
    ) -> Running:
        running = Running(limits, judge)
        started.append(running)
        running.addresses = await running.listener.open(
            addresses or ("127.0.0.1:0",), control=control, environment=environment or {}
        )
        return running

    yield start
    for running in started:
        await running.listener.close(0.01)


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose sockets have short paths."""
    return tmp_path_factory.mktemp("l")
