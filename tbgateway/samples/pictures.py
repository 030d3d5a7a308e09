"""Small pictures, encoded as PNG by hand: no imaging library is needed for a demo."""

import math
import struct
import zlib
from collections.abc import Callable, Iterable
from random import Random

Colour = tuple[int, int, int]

_SKY = ((13, 8, 135), (156, 23, 158), (237, 121, 83), (240, 249, 33))
"""A ramp from dark blue over violet and orange to yellow."""


def png(width: int, rows: Iterable[bytes]) -> bytes:
    """Encode rows of 8-bit RGB pixels."""
    lines = [b"\0" + row for row in rows]
    header = struct.pack(">IIBBBBB", width, len(lines), 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def ramp(share: float) -> Colour:
    """Return the colour for a number between 0 and 1."""
    place = min(max(share, 0.0), 1.0) * (len(_SKY) - 1)
    index = min(int(place), len(_SKY) - 2)
    low, high, weight = _SKY[index], _SKY[index + 1], place - index
    return (
        round(low[0] + (high[0] - low[0]) * weight),
        round(low[1] + (high[1] - low[1]) * weight),
        round(low[2] + (high[2] - low[2]) * weight),
    )


def draw(width: int, height: int, colour: Callable[[float, float], Colour]) -> bytes:
    """Return a PNG whose pixels are `colour(x, y)`, with x and y between 0 and 1."""
    return png(
        width,
        (
            bytes(
                part for x in range(width) for part in colour((x + 0.5) / width, (y + 0.5) / height)
            )
            for y in range(height)
        ),
    )


def blocks(cells: Iterable[Iterable[float]], size: int) -> bytes:
    """Return a PNG of square cells of `size` pixels, coloured by numbers between 0 and 1."""
    rows = [b"".join(bytes(ramp(cell)) * size for cell in row) for row in cells]
    return png(len(rows[0]) // 3, (row for row in rows for _ in range(size)))


def ripples(size: int, hue: float, waves: float, sharpness: float) -> bytes:
    """Return a square picture of rings, as filters of a convolution look."""

    def colour(x: float, y: float) -> Colour:
        distance = math.hypot(x - 0.5, y - 0.4 - 0.2 * hue)
        wave = math.cos(distance * waves * math.tau) * math.exp(-distance * 3.0)
        return ramp(0.25 + 0.5 * hue + sharpness * 0.5 * wave)

    return draw(size, size, colour)


def confusion(chance: Random, classes: int, accuracy: float, cell: int) -> bytes:
    """Return a confusion matrix whose diagonal grows with the accuracy."""
    return blocks(
        (
            [
                accuracy * chance.uniform(0.85, 1.0)
                if row == column
                else (1.0 - accuracy) * chance.uniform(0.0, 0.6)
                for column in range(classes)
            ]
            for row in range(classes)
        ),
        cell,
    )


def spectrogram(chance: Random, width: int, height: int, noise: float) -> bytes:
    """Return harmonics that glide upwards, below a given amount of noise (0 to 1)."""

    def colour(x: float, y: float) -> Colour:
        pitch = (1.0 - y) * 6.0 - 0.6 * math.sin(x * math.tau)
        tone = math.exp(-(((pitch - round(pitch)) / 0.12) ** 2)) * math.exp(-pitch / 3.0)
        return ramp(tone * (0.9 - 0.4 * noise) + noise * chance.uniform(0.0, 0.7))

    return draw(width, height, colour)
