from pathlib import Path

import pytest
from experiment_site import Site

from tbgateway.discovery import Root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "runs"
    root.mkdir()
    return root


@pytest.fixture
def site(root: Path) -> Site:
    return Site({"runs": Root(root)})


@pytest.fixture
def projects(root: Path) -> Site:
    return Site({"runs": Root(root, depth=2)})
