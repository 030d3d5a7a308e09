"""One gateway for all cases of a file: each case proves that it left nothing behind."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from edge_cases.edge import Edge, edge_below


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def edge() -> AsyncIterator[Edge]:
    with tempfile.TemporaryDirectory(prefix="tbg") as home:  # sockets need short paths
        async with edge_below(Path(home)) as running:
            yield running
