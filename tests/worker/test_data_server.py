"""The Rust data server, alone, and programs that behave like a broken one."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tbgateway.worker import kernel
from tbgateway.worker.data_server import DataServer, find_binary

_PATIENCE = 60.0  # seconds

Start = Callable[[str], DataServer]


class Death:
    """Waits for the reason that a data server's death is reported with."""

    def __init__(self) -> None:
        self._happened = threading.Event()
        self.reason = ""

    def __call__(self, reason: str) -> None:
        self.reason = reason
        self._happened.set()

    def wait(self) -> str:
        assert self._happened.wait(_PATIENCE)
        return self.reason


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    servers = []

    def start(binary: str) -> DataServer:
        server = DataServer.start(binary, str(tmp_path / "logdir"), {"scalars": 0, "images": 3})
        servers.append(server)
        return server

    yield start
    for server in servers:
        server._server.kill()
    for thread in threading.enumerate():
        if thread.name == "data server":
            thread.join(_PATIENCE)
    for server in servers:
        server._server.communicate()


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    def program(script: str) -> str:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return program


@pytest.mark.slow
def test_the_installed_one_says_when_it_listens_and_when_it_has_loaded(start: Start) -> None:
    binary = find_binary()
    assert binary is not None
    server, death = start(binary), Death()
    server.watch(death)

    assert server.port() > 0
    assert server.wait_until_loaded(_PATIENCE)
    assert 0.0 < server.load_cost < _PATIENCE


def test_what_it_says_after_loading_waits_but_its_end_is_told_at_once(
    start: Start, program: Callable[[str], str], capfd: pytest.CaptureFixture[str]
) -> None:
    server = start(program("echo 'Finished load cycle' >&2; sleep 0.2; echo later >&2; exit 8"))
    death = Death()
    server.watch(death)

    assert server.wait_until_loaded(_PATIENCE)
    assert death.wait().endswith("(status 8) Finished load cycle later")
    assert capfd.readouterr().err.splitlines() == ["Finished load cycle", "later"]
    os.close(server._port_pipe)


def test_it_never_has_to_wait_until_somebody_reads_what_it_says(
    start: Start, program: Callable[[str], str], capfd: pytest.CaptureFixture[str]
) -> None:
    many = "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); echo complaint number $i; done"
    server, death = start(program(f"echo 'Finished load cycle' >&2; {many} >&2; exit 8")), Death()
    server.watch(death)

    assert death.wait().endswith("complaint number 20000")
    assert "complaint number 20000" in capfd.readouterr().err
    os.close(server._port_pipe)


@pytest.mark.slow
def test_it_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, sys, os\n"
        "from tbgateway.worker.data_server import DataServer, find_binary\n"
        "server = DataServer.start(find_binary(), sys.argv[1], {})\n"
        "print(server.port(), server._server.pid, flush=True)\n"
        "signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline().split()[1])
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + _PATIENCE
        while not kernel.is_over(server):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_its_end_is_reported_with_its_last_words(
    start: Start, program: Callable[[str], str], capfd: pytest.CaptureFixture[str]
) -> None:
    server, death = start(program("echo 'no such thing' >&2; exit 8")), Death()
    server.watch(death)

    assert death.wait() == "the data server ended (status 8) no such thing"
    with pytest.raises(ConnectionError):
        server.port()
    assert capfd.readouterr().err == "no such thing\n"


def test_one_that_never_finishes_loading_is_not_waited_for(
    start: Start, program: Callable[[str], str]
) -> None:
    server = start(program("exec sleep 60"))
    server.watch(Death())

    assert not server.wait_until_loaded(0.05)
    os.close(server._port_pipe)


def test_chatter_and_repetition_are_kept_out_of_the_log(
    start: Start, program: Callable[[str], str], capfd: pytest.CaptureFixture[str]
) -> None:
    stamp = "[2026-11-23T08:08:3${i}"
    script = (
        f'for i in 1 2 3; do echo "{stamp}Z INFO  rustboard_core::cli] Finished load cycle (1us)";'
        f' echo "{stamp}Z WARN  rustboard_core::run] Read error"; done >&2; exit 1'
    )
    server, death = start(program(script)), Death()
    server.watch(death)
    death.wait()
    os.close(server._port_pipe)

    assert server.wait_until_loaded(0)
    assert capfd.readouterr().err == "[2026-11-23T08:08:31Z WARN  rustboard_core::run] Read error\n"


def test_a_program_that_cannot_be_run_is_an_os_error(start: Start, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        start(str(tmp_path / "none"))


def test_it_is_told_where_how_often_and_how_much_to_load(
    start: Start, program: Callable[[str], str], tmp_path: Path
) -> None:
    server, death = start(program(f'echo "$@" > {tmp_path}/arguments')), Death()
    server.watch(death)
    death.wait()
    os.close(server._port_pipe)
    arguments = (tmp_path / "arguments").read_text().split()

    assert f"--logdir={tmp_path / 'logdir'}" in arguments
    assert {"--host=127.0.0.1", "--port=0", "--reload=1", "--die-after-stdin"} <= set(arguments)
    assert "--samples-per-plugin=scalars=all,images=3" in arguments


def test_its_environment_holds_nothing_but_settings_of_its_allocator(
    start: Start, program: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_CHECK_", "3")
    server, death = start(program(f"cat /proc/$$/environ > {tmp_path}/environment")), Death()
    server.watch(death)
    death.wait()
    os.close(server._port_pipe)
    passed = (tmp_path / "environment").read_text().rstrip("\0").split("\0")

    assert sorted(passed) == ["MALLOC_MMAP_THRESHOLD_=1048576", "MALLOC_TOP_PAD_=8388608"]
