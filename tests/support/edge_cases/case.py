"""One case of the edge: bytes that a client sends, and what may come of them behind the gateway."""

from dataclasses import dataclass

from small_house import basic

BOARD, OTHER = "vision", "audio"
USER, PASSWORD = "vision-user", "a-password-of-vision"
AUTH = f"Authorization: {basic(USER, PASSWORD)}\r\n".encode()
HOST = b"Host: gateway.test\r\n"
HEAD = HOST + AUTH
"""What every ordinary request has."""

BELOW = b"/boards/vision"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@dataclass(frozen=True, slots=True)
class Arrives:
    """The board gets exactly this: method and target, fields beside the ones of every request."""

    line: bytes
    body: bytes | None = None
    fields: tuple[bytes, ...] = ()
    keeps: bool = True  # the connection: what follows is answered, too


@dataclass(frozen=True, slots=True)
class Refused:
    """No board gets anything, and what follows on the connection is not read, unless `keeps`."""

    statuses: tuple[int, ...] = (400,)
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """`raw` is sent, and an ordinary request after it on the same connection."""

    name: str
    clause: str
    raw: bytes
    expected: Arrives | Refused
    hangs: bool = False  # it is incomplete: who sent it says so by closing his half
    alone: bool = False  # nothing is sent after it

    def __str__(self) -> str:
        return self.name


def get(fields: bytes = b"", target: bytes = b"/case", method: bytes = b"GET") -> bytes:
    """Return a request without a body by the board's visitor."""
    return method + b" " + BELOW + target + b" HTTP/1.1\r\n" + HEAD + fields + b"\r\n"


def post(fields: bytes, body: bytes = b"", target: bytes = b"/case") -> bytes:
    """Return a request with a body."""
    return b"POST " + BELOW + target + b" HTTP/1.1\r\n" + HEAD + fields + b"\r\n" + body


def chunked(body: bytes, fields: bytes = b"") -> bytes:
    """Return a request whose body is `body` as it goes over the wire."""
    return post(CHUNKED + fields, body)


SMUGGLED = get(target=b"/smuggled")
"""What an attacker hides in another request. It must never arrive as one of its own."""

AFTER = get(b"Connection: close\r\n", b"/after")


def on_the_wire(arrives: Arrives) -> bytes:
    """Return the bytes that the gateway sends to a board for what is to arrive."""
    reads = arrives.line.split(b" ")[0] in {b"GET", b"HEAD"}
    length = () if reads and arrives.body is None else (arrives.body or b"",)
    lines = (
        arrives.line + b" HTTP/1.1",
        b"Host: tb",
        *arrives.fields,
        b"Connection: close",
        *(b"Content-Length: %d" % len(body) for body in length),
        b"",
        arrives.body or b"",
    )
    return b"\r\n".join(lines)
