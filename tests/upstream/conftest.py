"""A place for sockets: their paths must be short."""

from pathlib import Path

import pytest


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a short path."""
    return tmp_path_factory.mktemp("u")
