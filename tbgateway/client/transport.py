"""One HTTP request at a time, over TCP or a unix socket; nothing but the standard library.

Every request has a connection of its own: a client asks seldom, and a kept connection may have
died in the meantime. Proxies of the environment are not used and redirects are not followed, so
that a token goes to the named host only.
"""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tbgateway.client.addresses import Address, NetworkAddress, SocketAddress
from tbgateway.domain.errors import InvalidInputError, TimedOutError, UnreachableError

API = "/api/v1"
GRADIENT = "/tensorboards/v1"
"""Where the verbs of Gradient's client are."""
_FILE = "application/vnd.sqlite3"
_CONNECT_TIMEOUT = 10.0
_LONGEST_ANSWER = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """The beginning of an answer, and the lines that follow. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    lines: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: `path` is below the `root`; `wait` are seconds the server may wait.

    A `body` of bytes is sent as it is, as the file of a backup; any other as JSON. A parameter of
    the query that has several values is given once for each of them.
    """

    method: str
    path: str
    query: Mapping[str, str | int | Sequence[str]] = field(default_factory=dict)
    body: object = None
    wait: float = 0.0
    root: str = API


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True, slots=True)
class Transport:
    """The way to one gateway. `timeout` is how long an answer may take, in seconds."""

    address: Address
    token: str | None = field(default=None, repr=False)
    timeout: float = 30.0

    def send(self, request: Request) -> Answer:
        """Return the answer, whatever its status.

        Raise UnreachableError if nothing answers and TimedOutError if the answer takes too long.
        """
        connection = self._connection()
        try:
            self._connect(connection)
            return self._exchange(connection, request)
        finally:
            connection.close()

    @contextmanager
    def stream(
        self, request: Request, headers: Mapping[str, str], *, silence: float
    ) -> Iterator[Stream]:
        """Yield an answer that goes on: each line may take `silence` seconds to come.

        Raise like `send`, also where the lines are read.
        """
        connection = self._connection()
        try:
            self._connect(connection)
            with self._in_words(silence):
                connection.sock.settimeout(silence)
                self._ask(connection, request, None, headers)
                response = connection.getresponse()
            with response:  # it has taken the socket over
                yield Stream(response.status, _lower(response), self._lines(response, silence))
        finally:
            connection.close()

    def _lines(self, response: http.client.HTTPResponse, silence: float) -> Iterator[bytes]:
        with self._in_words(silence):
            while line := response.readline(_LONGEST_ANSWER):
                yield line

    def _connection(self) -> http.client.HTTPConnection:
        match self.address:
            case SocketAddress(path=path):
                return _UnixConnection(str(path), _CONNECT_TIMEOUT)
            case NetworkAddress(secure=True, host=host, port=port):
                context = ssl.create_default_context()
                return http.client.HTTPSConnection(
                    host, port, timeout=_CONNECT_TIMEOUT, context=context
                )
            case NetworkAddress(host=host, port=port):
                return http.client.HTTPConnection(host, port, timeout=_CONNECT_TIMEOUT)

    def _connect(self, connection: http.client.HTTPConnection) -> None:
        try:
            connection.connect()
        except (OSError, UnicodeError) as error:
            raise UnreachableError(
                f"No gateway answers at {self.address}: {_words(error)}.",
                hint="Is it running, and is the address right? Start one with:"
                " tbgateway serve --logdir DIR",
            ) from error

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> Answer:
        limit = self.timeout + request.wait
        connection.sock.settimeout(limit)
        body = _encoded(request.body)
        with self._in_words(limit):
            self._ask(connection, request, body, {})
            response = connection.getresponse()
            promised = response.length
            content = response.read(_LONGEST_ANSWER)
            if promised is not None and len(content) != promised:
                raise http.client.IncompleteRead(content, promised - len(content))
        return Answer(response.status, _lower(response), content)

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        request: Request,
        body: bytes | None,
        more: Mapping[str, str],
    ) -> None:
        headers = {**self._headers(request), **more}
        try:
            connection.request(request.method, self._target(request), body, headers)
        except ValueError:  # it repeats what is wrong, which may be the token
            raise InvalidInputError(
                f"What is asked of {self.address} cannot be sent: the address, the token or a name"
                " holds what no request can.",
                hint="A token is one line of ASCII characters without blanks.",
            ) from None

    @contextmanager
    def _in_words(self, limit: float) -> Iterator[None]:
        """Say what went wrong in the block as clients do."""
        try:
            yield
        except TimeoutError as error:
            raise TimedOutError(
                f"{self.address} did not answer within {limit:g} s.",
                hint="What was asked for may still happen: look again before asking twice.",
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(
                f"The connection to {self.address} broke: {_words(error)}.",
                hint="Is it a tbgateway that listens there?",
            ) from error

    def _target(self, request: Request) -> str:
        prefix = self.address.prefix if isinstance(self.address, NetworkAddress) else ""
        query = f"?{urlencode(request.query, doseq=True)}" if request.query else ""
        return f"{prefix}{request.root}{request.path}{query}"

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"Accept": "application/json", "Connection": "close"}
        if request.body is not None:
            is_file = isinstance(request.body, bytes)
            headers["Content-Type"] = _FILE if is_file else "application/json"
        if request.wait > 0:
            headers["Prefer"] = f"wait={request.wait:.0f}"
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers


def _encoded(body: object) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body).encode()


def _lower(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}


def _words(error: Exception) -> str:
    """Say what went wrong without the noise of an errno."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
