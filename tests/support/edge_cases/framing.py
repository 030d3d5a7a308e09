"""How long a message is: requests whose length two parties could read in two ways."""

from dataclasses import replace

from edge_cases.case import CHUNKED, SMUGGLED, Arrives, Case, Refused, chunked, post

_BODY = b"3\r\nabc\r\n0\r\n\r\n"
_END = b"0\r\n\r\n"
_THREE = b"Content-Length: 3\r\n"
_MANY = b"Content-Length: %d\r\n" % len(SMUGGLED)
_ABC = Arrives(b"POST /case", b"abc")
_NONE = Arrives(b"POST /case", b"")

_SERVED = (
    # name, clause, fields, body, what arrives
    ("a length", "6.2", _THREE, b"abc", _ABC),
    ("a length with white space around it", "5.1", b"Content-Length: \t 3 \t\r\n", b"abc", _ABC),
    ("a length with leading zeros", "6.2", b"Content-Length: 0003\r\n", b"abc", _ABC),
    ("a length of nothing", "6.2", b"Content-Length: 0\r\n", b"", _NONE),
    ("no length: no body", "6.3", b"", b"", _NONE),
    ("a request within a body", "6.3", _MANY, SMUGGLED, Arrives(b"POST /case", SMUGGLED)),
    ("chunks", "7.1", CHUNKED, _BODY, _ABC),
    ("several chunks", "7.1", CHUNKED, b"1\r\na\r\n2\r\nbc\r\n" + _END, _ABC),
    ("no chunk but the last", "7.1", CHUNKED, _END, _NONE),
    ("sizes in capitals", "7.1", CHUNKED, b"A\r\n0123456789\r\n" + _END,
     Arrives(b"POST /case", b"0123456789")),
    ("sizes in small letters", "7.1", CHUNKED, b"a\r\n0123456789\r\n" + _END,
     Arrives(b"POST /case", b"0123456789")),
    ("sizes with leading zeros", "7.1", CHUNKED, b"0003\r\nabc\r\n" + _END, _ABC),
    ("a last chunk of several zeros", "7.1", CHUNKED, b"3\r\nabc\r\n000\r\n\r\n", _ABC),
    ("line ends within a chunk", "7.1", CHUNKED, b"4\r\n\r\n\r\n\r\n" + _END,
     Arrives(b"POST /case", b"\r\n\r\n")),
    ("a request within a chunk", "7.1", CHUNKED, b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n"
     + _END, Arrives(b"POST /case", SMUGGLED)),
    ("an extension of a chunk", "7.1.1", CHUNKED, b"3;a=b\r\nabc\r\n" + _END, _ABC),
    ("a quoted extension", "7.1.1", CHUNKED, b'3;a="b c"\r\nabc\r\n' + _END, _ABC),
    ("an extension without a value", "7.1.1", CHUNKED, b"3;a\r\nabc\r\n" + _END, _ABC),
    ("an extension of the last chunk", "7.1.1", CHUNKED, b"3\r\nabc\r\n0;a=b\r\n\r\n", _ABC),
    ("a trailer", "7.1.2", CHUNKED, b"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", _ABC),
    ("a trailer with credentials", "7.1.2", CHUNKED,
     b"3\r\nabc\r\n0\r\nAuthorization: Basic YTpi\r\n\r\n", _ABC),
    ("a trailer with a cookie", "7.1.2", CHUNKED,
     b"3\r\nabc\r\n0\r\nCookie: a=b\r\n\r\n", _ABC),
    ("a trailer about the client", "7.1.2", CHUNKED,
     b"3\r\nabc\r\n0\r\nX-A: 1\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n", _ABC),
)  # fmt: skip


def keeps(fields: bytes) -> bool:
    """Whether a connection goes on behind a body: behind chunks and their trailers it does not."""
    return fields != CHUNKED


CONTROLS = tuple(
    Case(name, f"RFC 9112 §{clause}", post(fields, body), replace(expected, keeps=keeps(fields)))
    for name, clause, fields, body, expected in _SERVED
)
"""Plain requests, which have to arrive: a gateway that refuses everything is no good either."""

_BOTH = (
    ("a length, then chunked", _THREE + CHUNKED),
    ("chunked, then a length", CHUNKED + _THREE),
    ("chunked and a length of nothing", CHUNKED + b"Content-Length: 0\r\n"),
    ("chunked and a length that fits", CHUNKED + b"Content-Length: 5\r\n"),
    ("chunked and a length that is none", CHUNKED + b"Content-Length: x\r\n"),
    ("chunked and an empty length", CHUNKED + b"Content-Length:\r\n"),
    ("chunked between two lengths", _THREE + CHUNKED + _THREE),
    ("chunked and a length in other capitals",
     b"tRANSFER-eNCODING: chunked\r\nCONTENT-LENGTH: 3\r\n"),
    ("chunked nominated by Connection, and a length",
     b"Connection: transfer-encoding\r\n" + CHUNKED + _THREE),
)  # fmt: skip

_LENGTHS = (
    ("two lengths", b"Content-Length: 3\r\nContent-Length: 4\r\n"),
    ("two lengths, the first of nothing", b"Content-Length: 0\r\n" + _MANY),
    ("two lengths, the second of nothing", _MANY + b"Content-Length: 0\r\n"),
    ("the same length twice", _THREE + _THREE),
    ("a list of equal lengths", b"Content-Length: 3, 3\r\n"),
    ("a list of lengths", b"Content-Length: 3, 4\r\n"),
    ("a list of one length", b"Content-Length: 3,\r\n"),
    ("a list that begins with nothing", b"Content-Length: ,3\r\n"),
    ("a sum", b"Content-Length: +3\r\n"),
    ("less than nothing", b"Content-Length: -3\r\n"),
    ("nothing, with a sign", b"Content-Length: -0\r\n"),
    ("a hexadecimal length", b"Content-Length: 0x3\r\n"),
    ("an octal length", b"Content-Length: 0o3\r\n"),
    ("a length in hexadecimal digits", b"Content-Length: a\r\n"),
    ("a fraction", b"Content-Length: 3.0\r\n"),
    ("an exponent", b"Content-Length: 3e0\r\n"),
    ("an underscore", b"Content-Length: 0_3\r\n"),
    ("a space within", b"Content-Length: 0 3\r\n"),
    ("a tab within", b"Content-Length: 0\t3\r\n"),
    ("quotes", b'Content-Length: "3"\r\n'),
    ("a parameter", b"Content-Length: 3;q=1\r\n"),
    ("a word behind it", b"Content-Length: 3 bytes\r\n"),
    ("no digits", b"Content-Length:\r\n"),
    ("only spaces", b"Content-Length:   \r\n"),
    ("a vertical tab before it", b"Content-Length: \x0b3\r\n"),
    ("a form feed behind it", b"Content-Length: 3\x0c\r\n"),
    ("a NUL behind it", b"Content-Length: 3\x00\r\n"),
    ("a no-break space before it", b"Content-Length: \xa03\r\n"),
    ("digits of another script", "Content-Length: \u0663\r\n".encode()),
    ("a full-width digit", "Content-Length: \uff13\r\n".encode()),
    ("more than 64 bits", b"Content-Length: 18446744073709551619\r\n"),
    ("more than 63 bits", b"Content-Length: 9223372036854775811\r\n"),
    ("a hundred digits", b"Content-Length: " + b"0" * 99 + b"3\r\n"),
)

_CODINGS = (
    ("identity", b"identity"),
    ("gzip", b"gzip"),
    ("gzip, then chunked", b"gzip, chunked"),
    ("chunked, then gzip", b"chunked, gzip"),
    ("chunked, then identity", b"chunked, identity"),
    ("identity, then chunked", b"identity, chunked"),
    ("chunked twice", b"chunked, chunked"),
    ("an empty element", b"chunked,"),
    ("an empty element before it", b", chunked"),
    ("capitals", b"Chunked"),
    ("all capitals", b"CHUNKED"),
    ("quotes", b'"chunked"'),
    ("single quotes", b"'chunked'"),
    ("a parameter", b"chunked;q=1"),
    ("a letter before it", b"xchunked"),
    ("a letter behind it", b"chunkedx"),
    ("a word behind it", b"chunked foo"),
    ("a word before it", b"foo chunked"),
    ("a colon", b": chunked"),
    ("a hyphen", b"chunked-"),
    ("a vertical tab before it", b"\x0bchunked"),
    ("a vertical tab behind it", b"chunked\x0b"),
    ("a form feed before it", b"\x0cchunked"),
    ("a NUL behind it", b"chunked\x00"),
    ("a no-break space before it", b"\xa0chunked"),
    ("a letter like k", "chun\u212aed".encode()),
    ("a bare CR before it", b"\rchunked"),
    ("nothing", b""),
    ("nonsense", b"cow"),
)

_CHUNKS = (
    ("a size that is none", "7.1", b"z\r\nabc\r\n" + _END),
    ("no size", "7.1", b"\r\nabc\r\n" + _END),
    ("less than nothing", "7.1", b"-3\r\nabc\r\n" + _END),
    ("a sum", "7.1", b"+3\r\nabc\r\n" + _END),
    ("0x", "7.1", b"0x3\r\nabc\r\n" + _END),
    ("an underscore", "7.1", b"0_3\r\nabc\r\n" + _END),
    ("a space before the size", "7.1", b" 3\r\nabc\r\n" + _END),
    ("a space behind the size", "7.1", b"3 \r\nabc\r\n" + _END),
    ("a tab behind the size", "7.1", b"3\t\r\nabc\r\n" + _END),
    ("a size beyond 64 bits", "7.1", b"10000000000000003\r\nabc\r\n" + _END),
    ("a size of many digits", "7.1", b"f" * 40 + b"\r\nabc\r\n" + _END),
    ("a chunk longer than told", "7.1", b"3\r\nabcd\r\n" + _END),
    ("a chunk without an end", "7.1", b"3\r\nabc" + _END),
    ("a bare LF behind the size", "7.1", b"3\nabc\r\n" + _END),
    ("a bare CR behind the size", "7.1", b"3\rabc\r\n" + _END),
    ("a bare LF behind the chunk", "7.1", b"3\r\nabc\n" + _END),
    ("bare LFs everywhere", "7.1", b"3\nabc\n0\n\n"),
    ("a bare LF at the last chunk", "7.1", b"3\r\nabc\r\n0\n\r\n"),
    ("a bare LF within an extension", "7.1.1", b"3;a\nb\r\nabc\r\n" + _END),
    ("a bare CR within an extension", "7.1.1", b"3;a\rb\r\nabc\r\n" + _END),
    ("a NUL within an extension", "7.1.1", b"3;a\x00\r\nabc\r\n" + _END),
    ("an extension without its semicolon", "7.1.1", b"3 a=b\r\nabc\r\n" + _END),
    ("a folded trailer", "7.1.2", b"3\r\nabc\r\n0\r\nX-Sum: 1\r\n 2\r\n\r\n"),
    ("a trailer without a colon", "7.1.2", b"3\r\nabc\r\n0\r\nnonsense\r\n\r\n"),
    ("a trailer with a space before the colon", "7.1.2", b"3\r\nabc\r\n0\r\nX-Sum : 1\r\n\r\n"),
    ("a trailer that tells a length", "6.5.1", b"3\r\nabc\r\n0\r\nContent-Length: 99\r\n\r\n"),
    (
        "a trailer that tells a coding",
        "6.5.1",
        b"3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    ("a trailer with a host", "6.5.1", b"3\r\nabc\r\n0\r\nHost: evil.test\r\n\r\n"),
    ("a bare LF behind a trailer", "7.1.2", b"3\r\nabc\r\n0\r\nX-Sum: 1\n\r\n"),
)


def _rfc(clause: str) -> str:
    return f"RFC {9110 if clause == '6.5.1' else 9112} §{clause}"


_DIGITS_AND_BODY = b"abc" + SMUGGLED

REFUSED = (
    *(Case(f"{name}, both ways", "RFC 9112 §6.1", post(fields, _END + SMUGGLED), Refused())
      for name, fields in _BOTH),
    *(Case(f"Content-Length: {name}", "RFC 9112 §6.3", post(fields, _DIGITS_AND_BODY), Refused())
      for name, fields in _LENGTHS),
    *(Case(f"Transfer-Encoding: {name}", "RFC 9112 §6.1",
           post(b"Transfer-Encoding: " + coding + b"\r\n", _END + SMUGGLED), Refused())
      for name, coding in _CODINGS),
    *(Case(f"chunks: {name}", _rfc(clause), chunked(body + SMUGGLED), Refused())
      for name, clause, body in _CHUNKS),
    Case("chunked in two fields", "RFC 9112 §6.1", post(CHUNKED * 2, _END + SMUGGLED), Refused()),
    Case("chunked and identity in two fields", "RFC 9112 §6.1",
         post(CHUNKED + b"Transfer-Encoding: identity\r\n", _END + SMUGGLED), Refused()),
    Case("chunked in HTTP/1.0", "RFC 9112 §6.1",
         chunked(_END + SMUGGLED).replace(b"HTTP/1.1", b"HTTP/1.0", 1), Refused()),
    Case("a body that ends before it was told to", "RFC 9112 §8",
         post(b"Content-Length: 9999\r\n", b"abc"), Refused(()), hangs=True, alone=True),
    Case("chunks that end before the last one", "RFC 9112 §8",
         chunked(b"3\r\nabc\r\n"), Refused(()), hangs=True, alone=True),
)  # fmt: skip
