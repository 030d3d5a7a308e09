"""Who is answered on a board's socket."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tbgateway.worker.board_server import BoardServer

_ASK = b"GET / HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n"
_ASK_FROM_ELSEWHERE = f"""
import socket, sys
with socket.socket(socket.AF_UNIX) as caller:
    caller.settimeout(30)
    caller.connect(sys.argv[1])
    try:
        caller.sendall({_ASK!r})
        answer = caller.recv(65536)
    except (BrokenPipeError, ConnectionResetError):
        answer = b""
    sys.stdout.buffer.write(answer)
"""

Serve = Callable[[int], Path]


def _app(_environment: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "6")])
    return [b"secret"]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Serve to one process only, on a path that is returned."""
    monkeypatch.chdir(tmp_path)  # the whole path may be too long for a socket's
    server = BoardServer()

    def start(gateway: int) -> Path:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("board")
            listener.listen()
            server.take(_app, listener.detach(), gateway, lambda: None)
        thread.start()
        return Path("board")

    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    yield start
    server.shutdown()
    thread.join()


def _ask_here(path: Path) -> bytes:
    with closing(socket.socket(socket.AF_UNIX)) as caller:
        caller.settimeout(30)
        caller.connect(str(path))
        try:
            caller.sendall(_ASK)
            return caller.recv(65536)
        except (BrokenPipeError, ConnectionResetError):
            return b""


def _ask_from_elsewhere(path: Path) -> bytes:
    command = [sys.executable, "-c", _ASK_FROM_ELSEWHERE, str(path)]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def test_the_gateway_is_answered_and_nobody_else_of_its_user(serve: Serve) -> None:
    path = serve(os.getpid())

    assert b" 200 " in _ask_here(path)
    assert _ask_from_elsewhere(path) == b""
    assert b" 200 " in _ask_here(path)


def test_before_it_knows_the_gateway_nobody_is_answered(serve: Serve) -> None:
    """A pid of 0 is what the kernel calls a process of a foreign pid namespace."""
    assert _ask_here(serve(0)) == b""
