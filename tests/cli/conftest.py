"""The command line, in this process, on a machine where nothing is to be found."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Outcome, Run, Streams, Tty
from event_writer import write_scalars
from running_api import RunningApi

from tbgateway.cli import main

_HIDDEN = ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_STATE_HOME", "XDG_CONFIG_HOME")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide whatever gateways and settings this machine has; return the home directory."""
    directory = tmp_path / "home"
    directory.mkdir()
    for name in (*_HIDDEN, "TBGATEWAY_URL", "TBGATEWAY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(directory))
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")  # short, as sockets need it
    monkeypatch.setenv("TBGATEWAY_SOCKET", str(directory / "no-control"))
    return directory


@pytest.fixture
def tbgateway(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command line."""

    def run(*words: str, stdin: str = "") -> Outcome:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = main(words)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def piped() -> Streams:
    """Return streams that go into a pipe."""
    return Streams()


@pytest.fixture
def on_screen(monkeypatch: pytest.MonkeyPatch) -> Streams:
    """Return streams that go to a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Streams(out=Tty())


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return a logdir with the experiments `first` and `second`."""
    for name in ("first", "second"):
        write_scalars(tmp_path / "runs" / name, {"loss": [1.0, 0.5]})
    return tmp_path / "runs"


@pytest.fixture
def gateway(tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningApi]:
    """Yield a gateway that commands find by its control socket."""
    with RunningApi(tmp_path / "gw", runs) as running:
        monkeypatch.setenv("TBGATEWAY_SOCKET", str(running.control))
        yield running
