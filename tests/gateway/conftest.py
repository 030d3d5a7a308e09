import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a directory with a path short enough for sockets, and a logdir `runs` in it."""
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        (Path(directory) / "runs").mkdir()
        yield Path(directory)
