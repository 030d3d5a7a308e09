"""A small HTTP server that answers what a test wants, over TCP or a unix socket."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tbgateway.client.addresses import NetworkAddress, SocketAddress


@dataclass
class Script:
    """What the server answers, and what it was asked: method, path, headers, body."""

    status: int = 200
    statuses: list[int] = field(default_factory=list)
    """Those of the next answers to GET, before `status`."""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    bodies: list[bytes] = field(default_factory=lambda: [b"{}"])
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.go_on.set()

    def says(self, *values: object) -> None:
        """Answer with these values as JSON, one after the other; the last one stays."""
        self.bodies = [json.dumps(value).encode() for value in values]


class _Handler(BaseHTTPRequestHandler):
    script: Script

    def address_string(self) -> str:
        return "client"

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def handle_one_request(self) -> None:
        """Answer any method alike."""
        self.raw_requestline = self.rfile.readline(65537)
        if self.raw_requestline and self.parse_request():
            self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        script = self.script
        # In the order of the questions: whoever is let go on first would take the first one.
        content = script.bodies.pop(0) if len(script.bodies) > 1 else script.bodies[0]
        script.asked.append((self.command, self.path, headers, body))
        script.go_on.wait(30)
        try:
            next_ones = script.statuses if self.command == "GET" else []
            self.send_response(next_ones.pop(0) if next_ones else script.status)
            for name, value in script.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            pass  # the client went away, as some tests want it to


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def over_tcp(script: Script) -> Iterator[NetworkAddress]:
    """Serve on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    with _serving(server, script):
        yield NetworkAddress(secure=False, host="127.0.0.1", port=server.server_port)


@contextmanager
def over_unix(script: Script, path: Path) -> Iterator[SocketAddress]:
    """Serve on a unix socket."""
    with _serving(_UnixServer(str(path), _handler(script)), script):
        yield SocketAddress(path)


def _handler(script: Script) -> type[_Handler]:
    return type("Handler", (_Handler,), {"script": script})


@contextmanager
def _serving(server: socketserver.BaseServer, script: Script) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        script.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
