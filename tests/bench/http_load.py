"""A client that costs little itself: one request again and again, some of them at a time."""

import socket
import time
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

_HEADERS = (  # what a browser sends with a request of TensorBoard's page
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: cors\r\n"
)
_CHUNK = 1 << 18
_END_OF_HEADERS = b"\r\n\r\n"


@dataclass(frozen=True)
class Target:
    """Where to send which GET request; an `address` that is a path is a unix socket."""

    address: tuple[str, int] | Path
    path: str
    auth: tuple[str, str] | None = None

    @property
    def request(self) -> bytes:
        """The request's bytes."""
        who = ""
        if self.auth is not None:
            who = f"Authorization: Basic {b64encode(':'.join(self.auth).encode()).decode()}\r\n"
        return f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\n{who}{_HEADERS}\r\n".encode()

    def connect(self) -> socket.socket:
        """Return a new connection."""
        if isinstance(self.address, Path):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(self.address))
            return connection
        connection = socket.create_connection(self.address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


class Line:
    """A connection to a target that is kept as long as the server keeps it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._request = target.request
        self._connection = target.connect()

    def ask(self) -> None:
        """Send the request."""
        self._connection.sendall(self._request)

    def answered(self) -> None:
        """Wait for the whole answer; raise ConnectionError unless it is 200."""
        data = self._connection.recv(_CHUNK)
        while _END_OF_HEADERS not in data:
            data += self._more()
        head, _, body = data.partition(_END_OF_HEADERS)
        if b" 200 " not in head[:16]:
            raise ConnectionError(head.decode(errors="replace"))
        headers = head.lower()
        self._finish(headers, body)
        if b"\r\nconnection: close" in headers:
            self.close()
            self._connection = self._target.connect()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _finish(self, headers: bytes, body: bytes) -> None:
        told = headers.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        if told:
            missing = int(told) - len(body)
            while missing > 0:
                missing -= len(self._more())
            return
        while not body.endswith(b"0\r\n\r\n"):
            body += self._more()

    def _more(self) -> bytes:
        data = self._connection.recv(_CHUNK)
        if not data:
            raise ConnectionError("the answer was cut short")
        return data


def seconds_each(target: Target, requests: int, at_once: int) -> float:
    """Return the seconds per request when `at_once` are always under way."""
    lines = [Line(target) for _ in range(at_once)]
    try:
        begin = time.perf_counter()
        for line in lines:
            line.ask()
        for number in range(requests):
            line = lines[number % at_once]
            line.answered()
            if number + at_once < requests:
                line.ask()
        return (time.perf_counter() - begin) / requests
    finally:
        for line in lines:
            line.close()
