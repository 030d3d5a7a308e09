"""Small gateways, started on demand."""

import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog
from small_gateway import Knobs, SmallGateway, StartGateway

from tbgateway.dataplane.origins import Origins


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Keep the log out of the tests' output; those that read it use capture_logs."""
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(default=repr)],
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
async def start_gateway(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[StartGateway]:
    """Start gateways: `await start_gateway(throttle="3/minute", …)`, see Knobs."""
    place = tmp_path_factory.mktemp("s")  # short: a socket's path has 107 bytes
    numbers = itertools.count()
    running: list[SmallGateway] = []

    async def start(**knobs: Any) -> SmallGateway:
        gateway = SmallGateway(place / str(next(numbers)), Knobs(**knobs))
        await gateway.start()
        running.append(gateway)
        return gateway

    yield start
    for gateway in running:
        await gateway.stop()


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> SmallGateway:
    """Return a gateway as it is by default."""
    return await start_gateway()


@pytest.fixture
def trusting() -> Origins:
    """What a gateway behind a proxy on the same machine uses."""
    return Origins(trusted_proxies=["127.0.0.0/8", "10.0.0.0/8"])
