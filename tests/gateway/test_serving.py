"""`serve`: from its start to the signal that ends it, and what is told meanwhile."""

import json
import logging
import os
import resource
import signal
import socket
import threading
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from gateway_in_process import ADMIN_PASSWORD, settings_below
from running_gateway import fetch

from tbgateway.domain.errors import InvalidInputError
from tbgateway.gateway import launching, serve
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.launchers.launcher import Changed
from tbgateway.telemetry.logs import VERBOSITY

PATIENCE = 60.0  # seconds; generous, because the machine may be busy


def _fake(runtime_dir: Path, changed: Changed, **_options: object) -> FakeLauncher:
    return FakeLauncher(runtime_dir, changed)


@pytest.fixture(autouse=True)
def process_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what `serve` does to its process; let it start fakes."""
    monkeypatch.setitem(launching._KINDS, "forkserver", _fake)
    root, limits = logging.getLogger(), resource.getrlimit(resource.RLIMIT_NOFILE)
    handlers, level, least = list(root.handlers), root.level, VERBOSITY.least
    root.handlers.clear()
    yield
    VERBOSITY.least = least
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


class Systemd:
    """Hears what `serve` says, and ends it when it is ready and `meanwhile` was done."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.heard: list[str] = []
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._channel.bind(str(home / "notify"))
        self._channel.settimeout(PATIENCE)

    @property
    def url(self) -> str:
        return self.heard[0].rpartition(" at ")[2].rstrip("/")

    def run(
        self,
        *,
        password_file: Path | None = None,
        meanwhile: Callable[[], None] = lambda: None,
        end: signal.Signals = signal.SIGTERM,
    ) -> int:
        def listen() -> None:
            self.heard = [self._channel.recv(1000).decode()]
            try:
                meanwhile()
            finally:
                os.kill(os.getpid(), end)
            self.heard.append(self._channel.recv(1000).decode())

        listener = threading.Thread(target=listen)
        listener.start()
        settings = settings_below(self.home, {"runs": self.home / "runs"})
        try:
            return serve(lambda: settings, admin_password_file=password_file)
        finally:
            listener.join(PATIENCE)

    def close(self) -> None:
        self._channel.close()


@pytest.fixture
def systemd(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    systemd = Systemd(home)
    monkeypatch.setenv("NOTIFY_SOCKET", str(home / "notify"))
    yield systemd
    systemd.close()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_systemd_hears_when_it_is_ready_and_when_it_stops(
    systemd: Systemd, end: signal.Signals
) -> None:
    answers = []
    status = systemd.run(
        meanwhile=lambda: answers.append(fetch(f"{systemd.url}/readyz").status), end=end
    )
    assert (status, answers) == (0, [200])
    ready, stopping = systemd.heard
    assert ready == f"READY=1\nSTATUS=Serving 0 boards at {systemd.url}/"
    assert stopping == "STOPPING=1"


def test_a_password_that_was_made_up_is_printed_once_and_never_logged(
    systemd: Systemd, capfd: pytest.CaptureFixture[str]
) -> None:
    systemd.run()
    said = capfd.readouterr()
    password = said.out.splitlines()[0].rpartition(" ")[2]
    assert "The first member is 'admin'" in said.out
    assert "It is not shown again" in said.out
    assert password not in said.err
    answers = []
    systemd.run(
        meanwhile=lambda: answers.append(
            fetch(f"{systemd.url}/api/v1/whoami", auth=("admin", password)).status
        )
    )
    assert answers == [200]
    assert "password" not in capfd.readouterr().out


def test_a_password_from_a_file_is_the_first_admins_and_not_printed(
    systemd: Systemd, capfd: pytest.CaptureFixture[str]
) -> None:
    file = systemd.home / "password"
    file.write_text(f"{ADMIN_PASSWORD}\n")
    answers = []
    systemd.run(
        password_file=file,
        meanwhile=lambda: answers.append(
            fetch(f"{systemd.url}/api/v1/whoami", auth=("admin", ADMIN_PASSWORD)).json()
        ),
    )
    assert [answer["role"] for answer in answers] == ["admin"]
    said = capfd.readouterr()
    assert ADMIN_PASSWORD not in said.out + said.err
    assert b64encode(ADMIN_PASSWORD.encode()).decode() not in said.err
    logged = [json.loads(line) for line in said.err.splitlines()]
    assert [entry["event"] for entry in logged if entry["event"] in {"serving", "stopping"}] == [
        "serving",
        "stopping",
    ]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "it is too short"),
        (b"\n", "it is too short"),
        (b"s3cret\n", "it is too short"),
        (b"two\nlines-of-it\n", "it holds control characters"),
        (b"s3cret-\xff-password", "cannot be read: it is not UTF-8"),
        (b"x" * 73, "it is too long"),
    ],
)
def test_a_file_that_holds_no_password_is_refused_at_the_first_start(
    home: Path, content: bytes, refusal: str
) -> None:
    file = home / "password"
    file.write_bytes(content)
    for _ in range(2):
        with pytest.raises(InvalidInputError, match=refusal) as refused:
            serve(lambda: settings_below(home, {}), admin_password_file=file)
        assert refused.value.hint
        assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def test_what_the_file_holds_does_not_matter_once_there_are_members(systemd: Systemd) -> None:
    file = systemd.home / "password"
    file.write_text(ADMIN_PASSWORD)
    assert systemd.run(password_file=file) == 0
    for content in (b"", b"short\n", b"\xff"):
        file.write_bytes(content)
        assert systemd.run(password_file=file) == 0
    file.unlink()
    assert systemd.run(password_file=file) == 0


def test_a_password_file_that_cannot_be_read_is_refused_at_the_first_start(home: Path) -> None:
    for path, reason in ((home, "Is a directory"), (home / "none", "No such file")):
        with pytest.raises(InvalidInputError, match=f"cannot be read: {reason}"):
            serve(lambda: settings_below(home, {}), admin_password_file=path)
