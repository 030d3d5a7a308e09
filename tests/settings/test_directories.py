import os
from pathlib import Path

import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.settings import load_settings
from tbgateway.settings.directories import default_runtime_dir, default_state_dir


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/ada")


def test_systemds_directories_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/tbgateway:/var/lib/second")
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/tbgateway")
    monkeypatch.setenv("XDG_STATE_HOME", "/elsewhere")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/elsewhere")

    state = load_settings(None, {}).state

    assert state.dir == Path("/var/lib/tbgateway")
    assert state.runtime_dir == Path("/run/tbgateway")
    assert state.trees_dir is None


def test_then_come_xdgs_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/xdg/state")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/xdg/run")

    state = load_settings(None, {}).state

    assert state.dir == Path("/xdg/state/tbgateway")
    assert state.runtime_dir == Path("/xdg/run/tbgateway")


def test_relative_xdg_directories_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "run")

    assert default_state_dir() == Path("/home/ada/.local/state/tbgateway")
    assert default_runtime_dir(default_state_dir()).is_absolute()


def test_gateways_with_different_states_get_different_sockets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/xdg/run")

    usual = load_settings(None, {}).state.runtime_dir
    demo = load_settings(None, {"state.dir": "/srv/demo"}).state.runtime_dir
    again = load_settings(None, {"state.dir": "/srv/demo"}).state.runtime_dir

    assert usual != demo == again
    assert demo.parent == usual.parent


def test_without_a_runtime_directory_sockets_stay_with_the_state() -> None:
    if Path(f"/run/user/{os.getuid()}").is_dir():
        assert str(default_runtime_dir(Path("/state"))).startswith("/run/user/")
    else:
        assert default_runtime_dir(Path("/state")) == Path("/state/run")


def test_a_directory_too_deep_for_sockets_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="longer than 85 bytes"):
        load_settings(None, {"state.runtime_dir": "/" + "x" * 85})


def test_a_state_directory_too_deep_for_its_default_sockets_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/" + "x" * 80)

    with pytest.raises(InvalidInputError, match=r"state\.runtime_dir"):
        load_settings(None, {"state.dir": "/short"})
