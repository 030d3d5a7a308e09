"""TensorBoard's web server on a unix socket that somebody else has bound.

It answers the gateway's process only. Permissions cannot tell that one from the other boards,
which are of the same user: a board that connects to another's socket must get nothing.
"""

import socket
import struct
from collections.abc import Callable
from typing import Any

from werkzeug import serving

_PEER = "3i"  # struct ucred: pid, uid, gid
_LOOK_INTERVAL = 2.0
"""Seconds. A signal that comes just before the process goes to sleep is seen at the next look:
sooner than the gateway loses its patience, and seldom, because each look costs CPU."""


class _Handler(serving.WSGIRequestHandler):  # type: ignore[misc] # imports are skipped by mypy
    """Answers one request; says nothing about it, because the gateway keeps the access log."""

    protocol_version = "HTTP/1.1"  # responses of unknown length are chunked
    wbufsize = 64 * 1024  # headers and body leave together, so that the gateway is woken once

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Log nothing."""


class BoardServer(serving.ThreadedWSGIServer):  # type: ignore[misc] # imports are skipped by mypy
    """What `program.TensorBoard(server_class=…)` wants, once it was told what to `take`.

    It is made before the fork: werkzeug looks up its own version in the metadata of all packages.
    """

    daemon_threads = True

    def __init__(self) -> None:
        nothing, other = socket.socketpair()
        with nothing, other:
            super().__init__("unix://board", 0, None, _Handler, fd=nothing.fileno())
        self.socket.close()  # its own copy
        self.server_address = ("localhost", 80)  # for SERVER_NAME; a path would be taken apart
        self._about_to_serve = _do_nothing
        self._gateway = 0

    def take(
        self,
        app: Any,  # noqa: ANN401 - a WSGI application
        listener: int,
        gateway: int,
        about_to_serve: Callable[[], None],
    ) -> None:
        """Serve `app` over the descriptor `listener` to the process `gateway`.

        `about_to_serve` is called when everything is built; requests are answered once it returns.
        """
        self.app = app
        self.socket = socket.socket(fileno=listener)
        self._about_to_serve = about_to_serve
        self._gateway = gateway

    def verify_request(self, request: socket.socket, _client_address: object) -> bool:
        """Tell whether the gateway connected; if not, the connection is closed at once."""
        return _peer_of(request) == self._gateway

    def answer(self, connection: socket.socket) -> None:
        """Answer the one request of `connection` in this thread."""
        self.finish_request(connection, self.server_address)

    def get_url(self) -> str:
        """Return an address with a port, which TensorBoard writes into its info file."""
        return "http://localhost:80/"

    def print_serving_message(self) -> None:
        """Print nothing: nobody can go to that address."""

    def serve_forever(self, poll_interval: float = _LOOK_INTERVAL) -> None:
        """Answer requests until the process is told to end, by a signal."""
        self._about_to_serve()
        super().serve_forever(poll_interval)


def _peer_of(connection: socket.socket) -> int | None:
    """Return the process that connected; None if it is of a foreign pid namespace, so unknown."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize(_PEER))
    return struct.unpack(_PEER, told)[0] or None


def _do_nothing() -> None:
    """Nothing is to be served yet."""
