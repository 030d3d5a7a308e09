import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tbgateway.telemetry.systemd import notify


@contextmanager
def listening(address: str | bytes) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address)
        channel.settimeout(10)
        yield channel


def test_without_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "")
    assert not notify("READY=1")


def test_all_assignments_travel_in_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    with listening(path) as systemd:
        assert notify("READY=1", "STATUS=Serving 3 boards, ü")
        assert notify("STOPPING=1")
        assert systemd.recv(1000).decode() == "READY=1\nSTATUS=Serving 3 boards, ü"
        assert systemd.recv(1000) == b"STOPPING=1"


def test_systemd_may_listen_in_the_abstract_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"tbgateway-test-{secrets.token_hex(8)}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with listening(f"\0{name}") as systemd:
        assert notify("READY=1")
        assert systemd.recv(1000) == b"READY=1"


@pytest.mark.parametrize(
    "address", ["/nonexistent/notify", "@nobody-listens-here", "/" + "x" * 200]
)
def test_an_ear_that_is_not_there_harms_nobody(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not notify("READY=1")


def test_a_socket_that_nobody_reads_any_more_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    with listening(path):
        pass
    assert not notify("READY=1")
