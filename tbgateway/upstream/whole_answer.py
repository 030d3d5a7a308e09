"""Answers that arrive in one piece, as most of a board's do, read without further ado.

This is no HTTP parser. It knows the one plainest form and says of everything else that it does not
know it; aiohttp's parser, which costs ten times as much, reads that.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-5][0-9]{2}) [\t -~]*")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([!-~\x80-\xff](?:[\t -~\x80-\xff]*)|)")
_LENGTH = re.compile(rb"[0-9]{1,9}")
_LINES = 512  # how many lines are remembered: a board's answers repeat them

Fields = tuple[tuple[bytes, bytes], ...]


def read_whole(data: bytes) -> tuple[int, Fields, bytes] | None:
    """Return status, header fields and body if `data` is certainly a whole final answer.

    Its length must be told, once and by Content-Length. Not for answers to HEAD.
    """
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    status = _status(first)
    fields = [_field(line) for line in lines]
    if status is None or None in fields:
        return None
    read = tuple(field for field in fields if field is not None)
    return (status, read, body) if _told(read) == len(body) else None


def _told(fields: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Return the length that the fields tell, or None if they leave any doubt."""
    told = None
    for name, value in fields:
        match name.lower():
            case b"content-length" if told is None and _LENGTH.fullmatch(value):
                told = int(value)
            case b"content-length" | b"transfer-encoding" | b"upgrade":
                return None
    return told


@lru_cache(_LINES)
def _status(line: bytes) -> int | None:
    match = _STATUS_LINE.fullmatch(line)
    return int(match[1]) if match else None


@lru_cache(_LINES)
def _field(line: bytes) -> tuple[bytes, bytes] | None:
    match = _FIELD.fullmatch(line)
    return (match[1], match[2].rstrip(b" \t")) if match else None
