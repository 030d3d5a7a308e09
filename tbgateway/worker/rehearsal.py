"""Serving a few requests to nobody before the first fork.

What Python, TensorBoard, werkzeug and protobuf find out at their first use (caches, specialised
bytecode, late imports) is then found out once, and in memory that all boards share. Only
TensorBoard's own plugins take part: what third-party code does at a request belongs into a board.

Relied on: `GrpcDataProvider` over a stub of the data server's interface. If anything of it
changes, boards start slower, and nothing else happens.
"""

import socket
from collections.abc import Callable
from typing import Any

from tensorboard.backend import application
from tensorboard.data import grpc_provider
from tensorboard.data.proto import data_provider_pb2 as protocol

from tbgateway.worker.board_server import BoardServer

_ROUNDS = 12
"""Python 3.11 and later specialise what has run about eight times."""

_REQUESTS = (
    # Not the listing of plugins, which lets stock plugins start threads.
    "/",
    "/data/environment",
    "/data/runs",
    "/data/plugin/scalars/tags",
    "/data/plugin/scalars/scalars?run=a&tag=t",
)
_REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: board\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
)
_LONGEST_ANSWER = 64 * 1024  # bytes; what is not read waits in the kernel, or is dropped

MakeFlags = Callable[[], Any]


def rehearse(plugins: list[Any], make_flags: MakeFlags, assets_zip_provider: Any) -> str:  # noqa: ANN401 - TensorBoard has no types
    """Build and ask a board without data, again and again; return why that failed, or nothing."""
    try:
        for _ in range(_ROUNDS):
            provider = grpc_provider.GrpcDataProvider("rehearsal", _Stub())
            app = application.TensorBoardWSGIApp(
                make_flags(), plugins, provider, assets_zip_provider
            )
            _ask_everything(app)
    except Exception as error:  # noqa: BLE001 - whatever it is, boards do without
        return f"boards start slower, the rehearsal failed: {type(error).__name__}: {error}"
    return ""


def _ask_everything(app: Any) -> None:  # noqa: ANN401 - a WSGI application
    server = BoardServer()
    server.app = app
    for path in _REQUESTS:
        status = _ask(server, path).split(b" ", 2)[1]
        if status != b"200":
            raise ValueError(f"{path} is answered by {status!r}")


def _ask(server: BoardServer, path: str) -> bytes:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(_REQUEST.format(path=path).encode())
        ours.shutdown(socket.SHUT_WR)
        theirs.settimeout(1.0)
        server.answer(theirs)
        return ours.recv(_LONGEST_ANSWER)


class _Stub:
    """A data server with one series in one run."""

    def __getattr__(self, method: str) -> Callable[..., Any]:
        """Answer every other question by nothing."""
        return lambda *_, **__: getattr(protocol, f"{method}Response")()

    def ListRuns(self, *_: object, **__: object) -> Any:  # noqa: N802, ANN401 - the interface's name; TensorBoard has no types
        return protocol.ListRunsResponse(runs=[protocol.Run(name="a", start_time=1.0)])

    def ReadScalars(self, *_: object, **__: object) -> Any:  # noqa: N802, ANN401 - as above
        answer = protocol.ReadScalarsResponse()
        series = answer.runs.add(run_name="a").tags.add(tag_name="t").data
        series.step.extend((0, 1))
        series.wall_time.extend((1.0, 2.0))
        series.value.extend((0.5, 0.25))
        return answer
