"""Tables: whole and aligned in files and pipes; on a screen no wider than it."""

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

from tbgateway.cli.screen import Screen

Row = Sequence[str]

_GAP = "  "
_READABLE = 12  # columns; a cell is not cut to less
_BOLD, _NORMAL = "\x1b[1m", "\x1b[0m"


def plain(rows: Sequence[Row]) -> Iterator[str]:
    """Yield aligned lines; nothing is cut."""
    widths = _widths(rows)
    return (_line(row, widths) for row in rows)


def fitted(heads: Row, rows: Sequence[Row], screen: Screen) -> Iterator[str]:
    """Yield the lines of a table that fits the screen.

    Its widest columns are cut first; if that is not enough, the last columns are left out.
    """
    widths = _fitting(_widths([heads, *rows]), screen.columns)
    line = _line(heads, widths)
    yield f"{_BOLD}{line}{_NORMAL}" if screen.colours else line
    yield "─" * _total(widths)
    yield from (_line(row, widths) for row in rows)


def _widths(rows: Sequence[Row]) -> list[int]:
    return [max(map(_width, column), default=0) for column in zip(*rows, strict=True)]


def _fitting(wanted: Sequence[int], columns: int) -> list[int]:
    widths = list(wanted)
    while _total(widths) > columns:
        widest = max(widths)
        if widest > _READABLE:
            widths[widths.index(widest)] -= 1
        elif len(widths) > 1:
            widths = list(wanted[: len(widths) - 1])
        else:
            return [max(columns, 1)]
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _line(row: Row, widths: Sequence[int]) -> str:
    return _GAP.join(_cell(text, width) for text, width in zip(row, widths, strict=False)).rstrip()


def _cell(text: str, width: int) -> str:
    shown = text
    if _width(text) > width:
        while shown and _width(shown) >= width:
            shown = shown[:-1]
        shown += "…"
    return shown + " " * (width - _width(shown))


def _width(text: str) -> int:
    """Return how many columns the text takes on a screen."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
