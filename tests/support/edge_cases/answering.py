"""What a board may answer, by mistake or by malice, and what of it a client may get.

Whatever that is, the next one on the client's connection, and the next client, get their own.
"""

from dataclasses import dataclass

_POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
_OK = b"HTTP/1.1 200 OK\r\n"
_THREE = b"Content-Length: 3\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"


@dataclass(frozen=True, slots=True)
class Passes:
    """The client gets exactly this."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Fails:
    """The client gets no answer of the board's: ours, or one that is visibly cut short."""


@dataclass(frozen=True, slots=True)
class Answering:
    """A board's answer; `raw` is all that it says."""

    name: str
    clause: str
    raw: bytes
    expected: Passes | Fails
    method: bytes = b"POST"
    stays: bool = False  # the board does not close the connection

    def __str__(self) -> str:
        return self.name


_ABC = Passes(200, b"abc")

_PASSING = (
    ("a length", "9112 §6.2", _OK + _THREE + b"\r\nabc"),
    ("chunks", "9112 §7.1", _OK + _CHUNKED + b"\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("several chunks", "9112 §7.1", _OK + _CHUNKED + b"\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"),
    ("extensions of chunks", "9112 §7.1.1", _OK + _CHUNKED + b"\r\n3;a=b\r\nabc\r\n0;c\r\n\r\n"),
    ("a trailer", "9112 §7.1.2", _OK + _CHUNKED + b"\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"),
    ("until the end", "9112 §6.3", _OK + b"\r\nabc"),
    ("until the end in HTTP/1.0", "9112 §6.3", b"HTTP/1.0 200 OK\r\n\r\nabc"),
    ("no reason", "9112 §4", b"HTTP/1.1 200 \r\n" + _THREE + b"\r\nabc"),
    ("an interim answer before it", "9110 §15.2",
     b"HTTP/1.1 100 Continue\r\n\r\n" + _OK + _THREE + b"\r\nabc"),
    ("early hints before it", "9110 §15.2",
     b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + _OK + _THREE + b"\r\nabc"),
    ("a hundred interim answers before it", "9110 §15.2",
     b"HTTP/1.1 102 Processing\r\n\r\n" * 100 + _OK + _THREE + b"\r\nabc"),
    ("more behind a length", "9112 §6.3", _OK + _THREE + b"\r\nabc" + _POISON),
    ("more behind the last chunk", "9112 §6.3",
     _OK + _CHUNKED + b"\r\n3\r\nabc\r\n0\r\n\r\n" + _POISON),
    ("an answer within a body", "9112 §6.3", None),
)  # fmt: skip

_WITHIN = _OK + b"Content-Length: %d\r\n\r\n" % len(_POISON) + _POISON

_BODILESS = (
    ("204", "9110 §15.3.5", b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"POST"),
    ("204 with more behind it", "9112 §6.3",
     b"HTTP/1.1 204 No Content\r\n\r\n" + _POISON, 204, b"POST"),
    ("204 with a length", "9110 §8.6",
     b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, b"POST"),
    ("304", "9110 §15.4.5", b"HTTP/1.1 304 Not Modified\r\n\r\n", 304, b"GET"),
    ("304 with the length of what is not sent", "9110 §8.6",
     b"HTTP/1.1 304 Not Modified\r\n" + _THREE + b"\r\n", 304, b"GET"),
    ("304 with more behind it", "9112 §6.3",
     b"HTTP/1.1 304 Not Modified\r\n\r\n" + _POISON, 304, b"GET"),
    ("HEAD", "9110 §9.3.2", _OK + _THREE + b"\r\n", 200, b"HEAD"),
    ("HEAD in chunks", "9112 §6.3", _OK + _CHUNKED + b"\r\n", 200, b"HEAD"),
)  # fmt: skip

_FAILING = (
    ("two lengths", "9112 §6.3", _OK + _THREE + b"Content-Length: 99\r\n\r\nabc" + _POISON),
    ("a list of lengths", "9112 §6.3", _OK + b"Content-Length: 3, 4\r\n\r\nabcd"),
    ("a length that is none", "9112 §6.3", _OK + b"Content-Length: x\r\n\r\nabc"),
    ("a length with a sign", "9112 §6.3", _OK + b"Content-Length: +3\r\n\r\nabc"),
    ("a negative length", "9112 §6.3", _OK + b"Content-Length: -3\r\n\r\nabc"),
    ("a length beyond 64 bits", "9112 §6.3",
     _OK + b"Content-Length: 18446744073709551619\r\n\r\nabc"),
    ("chunks and a length", "9112 §6.3", _OK + _CHUNKED + _THREE + b"\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("a length and chunks", "9112 §6.3", _OK + _THREE + _CHUNKED + b"\r\n0\r\n\r\n" + _POISON),
    ("a chunk size that is none", "9112 §7.1", _OK + _CHUNKED + b"\r\nz\r\nabc\r\n0\r\n\r\n"),
    ("a chunk size with a sign", "9112 §7.1", _OK + _CHUNKED + b"\r\n-3\r\nabc\r\n0\r\n\r\n"),
    ("a chunk longer than told", "9112 §7.1", _OK + _CHUNKED + b"\r\n3\r\nabcdef\r\n0\r\n\r\n"),
    ("chunks that break off", "9112 §8", _OK + _CHUNKED + b"\r\n3\r\nab"),
    ("chunks without the last one", "9112 §8", _OK + _CHUNKED + b"\r\n3\r\nabc\r\n"),
    ("a body that breaks off", "9112 §8", _OK + b"Content-Length: 99\r\n\r\nabc"),
    ("a large body that breaks off", "9112 §8", _OK + b"Content-Length: 999999\r\n\r\nabc"),
    ("a head that breaks off", "9112 §8", _OK + b"Content-Le"),
    ("nothing", "9112 §8", b""),
    ("only interim answers", "9110 §15.2", b"HTTP/1.1 102 Processing\r\n\r\n" * 100),
    ("no HTTP", "9112 §4", b"nonsense\r\n\r\n"),
    ("HTTP/2", "9112 §2.3", b"HTTP/2 200 OK\r\n" + _THREE + b"\r\nabc"),
    ("another protocol", "9110 §15.2.2",
     b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nabc"),
    ("a status of two digits", "9112 §4", b"HTTP/1.1 20 OK\r\n" + _THREE + b"\r\nabc"),
    ("a status that is none", "9112 §4", b"HTTP/1.1 abc OK\r\n" + _THREE + b"\r\nabc"),
    ("a NUL in a field", "9110 §5.5", _OK + b"ETag: a\x00b\r\n" + _THREE + b"\r\nabc"),
    ("a space in a field's name", "9112 §5.1", _OK + b"X A: 1\r\n" + _THREE + b"\r\nabc"),
    ("a field without a colon", "9112 §5", _OK + b"nonsense\r\n" + _THREE + b"\r\nabc"),
)  # fmt: skip

ALL = (
    *(Answering(name, f"RFC {clause}", raw or _WITHIN, _ABC if raw else Passes(200, _POISON))
      for name, clause, raw in _PASSING),
    *(Answering(f"{name}, and no end", f"RFC {clause}", raw or _WITHIN,
                _ABC if raw else Passes(200, _POISON), stays=True)
      for name, clause, raw in _PASSING if "until the end" not in name),
    *(Answering(name, f"RFC {clause}", raw, Passes(status, b""), method)
      for name, clause, raw, status, method in _BODILESS),
    *(Answering(name, f"RFC {clause}", raw, Fails()) for name, clause, raw in _FAILING),
    Answering("HEAD answered with an answer for a body", "RFC 9110 §9.3.2",
              _OK + _THREE + b"\r\n" + _POISON, Fails(), b"HEAD"),
)  # fmt: skip
