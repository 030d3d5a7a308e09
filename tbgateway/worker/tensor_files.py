"""The size of a projector's tensor file, found without reading all its numbers."""

import codecs
import math
import os
from typing import BinaryIO

Shape = tuple[int, ...]

_LARGEST = 512 * 1_048_576  # bytes; the projector reads it whole, as Python's numbers
_LOOKED_AT = 1_048_576  # bytes whose numbers are checked
_FLOAT = 4  # bytes


class TensorFileError(Exception):
    """The file is no table of numbers; the text goes on after its name."""


def shape_of(path: str, given: Shape) -> Shape:
    """Return rows and columns of a table of tab-separated numbers, or of float32 as `given`.

    Raise TensorFileError, and OSError if the file cannot be read.
    """
    with open(path, "rb") as file:  # noqa: PTH123 - paths are text here
        size = os.fstat(file.fileno()).st_size
        if size > _LARGEST:
            raise TensorFileError(f"is larger than {_LARGEST >> 20} MiB")
        head = file.read(_LOOKED_AT)
        whole = len(head) == size
        try:
            text = codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
        except UnicodeDecodeError:
            return _binary_shape(size, given)
        lines = text.split("\n") if whole else text.split("\n")[:-1]
        columns = _columns(lines)
        # Counted anew for a large file: the last line of its beginning is half a line.
        rows = sum(map(bool, lines)) if whole else _rows(file)
        return given or (rows, columns)


def _binary_shape(size: int, given: Shape) -> Shape:
    if len(given) == 2 and math.prod(given) * _FLOAT == size:  # noqa: PLR2004 - rows and columns
        return given
    raise TensorFileError("is neither tab-separated numbers nor float32 of the given tensor_shape")


def _columns(lines: list[str]) -> int:
    columns = 0
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        found = _count(number, line)
        if columns not in (0, found):
            raise TensorFileError(f"has rows of different lengths: see line {number}")
        columns = found
    if not columns:
        raise TensorFileError("holds no points")
    return columns


def _count(number: int, line: str) -> int:
    try:
        return len([float(value) for value in line.split("\t")])
    except ValueError as error:
        raise TensorFileError(
            f"holds something else than tab-separated numbers: see line {number}"
        ) from error


def _rows(file: BinaryIO) -> int:
    file.seek(0)
    return sum(line != b"\n" for line in file)
