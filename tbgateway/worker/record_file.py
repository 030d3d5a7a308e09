"""One event file, read on from where it was left: the framing of TFRecord, without its content.

A record is the length of its payload (8 bytes, little endian), a checksum of these, the payload,
and a checksum of that. The latter is not looked at, as TensorBoard's data server does not either.
"""

import os
import struct
from collections.abc import Iterator
from time import monotonic

_CHUNK = 131_072  # bytes; holds the largest payload that is looked at, with its frame
_LARGEST_PAYLOAD = 65_536  # bytes; what is larger is an image, a graph, a histogram of thousands
_HEADER = struct.Struct("<QI")
_FOOTER = 4
_MOST_LENGTHS = 4096
_lengths: dict[bytes, int] = {}
"""Payload lengths by the headers that tell them: the same few are met again and again."""


class Allowance:
    """What one turn may take: so many bytes and seconds, but something in any case.

    Else a turn that merely looks for what there is to be read might get nowhere, every time.
    """

    __slots__ = ("_left", "_size", "_until")

    def __init__(self, size: int, seconds: float) -> None:
        self._size = self._left = size
        self._until = monotonic() + seconds

    @property
    def spent(self) -> bool:
        """Whether the turn is over."""
        return self._left < self._size and (self._left <= 0 or monotonic() >= self._until)

    def take(self, size: int) -> None:
        """So many bytes were read."""
        self._left -= size


class DamagedError(Exception):
    """The file holds no record where one should begin: nobody knows where the next one is."""


class RecordFile:
    """How far a file was read; `identity` is its device and inode."""

    __slots__ = ("damaged", "identity", "offset")

    def __init__(self, identity: tuple[int, int]) -> None:
        self.identity = identity
        self.offset = 0
        self.damaged = False

    def has_nothing_new(self, status: os.stat_result) -> bool:
        """Whether the file that has this status needs no opening."""
        if (status.st_dev, status.st_ino) != self.identity:
            return False
        return status.st_size >= self.offset if self.damaged else status.st_size == self.offset

    def was_replaced(self, status: os.stat_result) -> bool:
        """Whether the file that has this status is another one now, or lost what was read."""
        return (status.st_dev, status.st_ino) != self.identity or status.st_size < self.offset

    def payloads(self, descriptor: int, size: int, allowance: Allowance) -> Iterator[bytes]:
        """Yield the payloads that are complete, until the file or the allowance ends.

        What is larger than 64 kB is passed over. Raise DamagedError, and OSError. To be taken to
        its end: the place is moved on once per chunk.
        """
        while self.offset < size and not self.damaged and not allowance.spent:
            chunk = os.pread(descriptor, _CHUNK, self.offset)
            allowance.take(len(chunk))
            before = self.offset
            try:
                yield from self._whole(chunk, size)
            except DamagedError:
                self.damaged = True
                raise
            if self.offset == before:
                return

    def _whole(self, chunk: bytes, size: int) -> Iterator[bytes]:
        at, end, lengths = 0, len(chunk), _lengths
        try:
            while (begin := at + _HEADER.size) <= end:
                header = chunk[at:begin]
                length = lengths.get(header)
                if length is None:
                    length = _length(header)
                after = begin + length + _FOOTER
                if after > end and (length <= _LARGEST_PAYLOAD or self.offset + after > size):
                    return
                at = after
                if length <= _LARGEST_PAYLOAD:
                    yield chunk[begin : begin + length]
        finally:
            self.offset += at


def _length(header: bytes) -> int:
    length: int
    length, checksum = _HEADER.unpack(header)
    if checksum != _masked_checksum(header[:8]):
        raise DamagedError
    if length <= _LARGEST_PAYLOAD and len(_lengths) < _MOST_LENGTHS:
        _lengths[header] = length
    return length


def _masked_checksum(data: bytes) -> int:
    checksum = 0xFFFFFFFF
    for byte in data:
        checksum = _TABLE[(checksum ^ byte) & 0xFF] ^ (checksum >> 8)
    checksum ^= 0xFFFFFFFF
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)  # Castagnoli's polynomial, reversed
    return byte


_TABLE = tuple(map(_entry, range(256)))
