"""What tests of the script's side share: a machine on which nobody trained before."""

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from faulty_way import FaultyWay, faulty_way_to
from running_api import RunningApi
from running_gateway import eventually

from tbgateway.domain.model import Role
from tbgateway.training import ranks

RANKS = (*ranks._GLOBAL, *ranks._NODE, "LOCAL_RANK", "TF_CONFIG")


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a home with nothing in it; the working directory is `work` below it."""
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home / "work")
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", *RANKS):
        monkeypatch.delenv(name, raising=False)
    for name in ("TBGATEWAY_URL", "TBGATEWAY_TOKEN", "TBGATEWAY_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tbgateway.training.telling._START_PATIENCE", 60.0)  # of a busy machine
    yield home
    eventually(lambda: not own_threads(), what="every thread has ended")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def api(tmp_path: Path, root: Path, own_home: Path) -> Iterator[RunningApi]:
    """Yield a gateway whose one logdir is `root`."""
    assert own_home.is_dir()
    with RunningApi(tmp_path / "gateway", root) as api:
        yield api


@pytest.fixture
def way(api: RunningApi) -> Iterator[FaultyWay]:
    """Yield a way to the gateway that can be cut."""
    with faulty_way_to(urlsplit(api.url).port or 0) as way:
        yield way


@pytest.fixture
def token(api: RunningApi, own_home: Path) -> Path:
    """Return a file with an editor's token."""
    api.add_member("ada", Role.EDITOR)
    file = own_home / "token"
    file.write_text(api.token_of("ada"))
    return file


def own_threads() -> list[str]:
    """Return the threads that trainings started and that still live."""
    names = [one.name for one in threading.enumerate()]
    return [name for name in names if name.startswith("tbgateway")]
