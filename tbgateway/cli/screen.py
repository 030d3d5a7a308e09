"""What a stream can show: nothing special, unless it is a terminal."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

_DUMB = frozenset({"", "dumb", "unknown"})
_COLUMNS = 80  # of a terminal that does not say


@dataclass(frozen=True, slots=True)
class Screen:
    """A terminal: how wide it is, whether colours are wanted, and whether its cursor moves."""

    columns: int
    colours: bool
    moves: bool


def screen_of(stream: TextIO, environ: Mapping[str, str]) -> Screen | None:
    """Return the terminal behind a stream; None if it is a file, a pipe or nothing at all.

    A terminal that calls itself dumb gets plain text only; `NO_COLOR` asks for no colours.
    """
    if stream.closed or not stream.isatty():
        return None
    clever = environ.get("TERM", "") not in _DUMB
    colours = clever and not environ.get("NO_COLOR")
    return Screen(_columns(stream, environ), colours=colours, moves=clever)


def _columns(stream: TextIO, environ: Mapping[str, str]) -> int:
    told = environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told) > 0:
        return int(told)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except OSError:  # also io.UnsupportedOperation: a stream without a descriptor
        return _COLUMNS
