"""TensorBoard's web server on a unix socket that somebody else has bound."""

from collections.abc import Callable
from typing import Any

from werkzeug import serving


class _Handler(serving.WSGIRequestHandler):  # type: ignore[misc] # imports are skipped by mypy
    """Answers one request; says nothing about it, because the gateway keeps the access log."""

    protocol_version = "HTTP/1.1"  # responses of unknown length are chunked

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Log nothing."""


class BoardServer(serving.ThreadedWSGIServer):  # type: ignore[misc] # imports are skipped by mypy
    """What `program.TensorBoard(server_class=…)` wants, over the descriptor `listener`.

    `about_to_serve` is called when everything is built; requests are answered once it returns.
    """

    daemon_threads = True

    def __init__(self, app: Any, listener: int, about_to_serve: Callable[[], None]) -> None:  # noqa: ANN401 - a WSGI application
        super().__init__("unix://board", 0, app, _Handler, fd=listener)
        self.server_address = ("localhost", 80)  # for SERVER_NAME; a path would be taken apart
        self._about_to_serve = about_to_serve

    def get_url(self) -> str:
        """Return an address with a port, which TensorBoard writes into its info file."""
        return "http://localhost:80/"

    def print_serving_message(self) -> None:
        """Print nothing: nobody can go to that address."""

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Answer requests until the process is told to end."""
        self._about_to_serve()
        super().serve_forever(poll_interval)
