from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from house import House, opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, House) as house:
        yield house
