"""What commands print: tables for people, JSON for programs, errors on stderr."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

from tbgateway.client.decoding import encode
from tbgateway.domain.errors import TbgatewayError

_WIDEST = 10_000  # columns; wider than any line


class Output(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command prints to, and how.

    A table on a terminal may have colours and lines; anywhere else it is plain, aligned text.
    Whatever comes from elsewhere is printed without control characters.
    """

    output: Output
    out: TextIO
    err: TextIO
    environ: Mapping[str, str]

    @classmethod
    def standard(cls, output: Output) -> "Terminal":
        """Return the process's own terminal."""
        return cls(output, sys.stdout, sys.stderr, os.environ)

    def result(self, value: object) -> None:
        """Print a result as JSON."""
        print(json.dumps(encode(value), indent=2, ensure_ascii=False), file=self.out)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows below their heads."""
        safe = [[printable(cell) for cell in row] for row in rows]
        if self.out.isatty():
            self._rich_table(heads, safe)
        else:
            self._plain([list(heads), *safe])

    def record(self, fields: Mapping[str, str | None]) -> None:
        """Print one thing: a line per field that has something to say."""
        self._plain([[name, printable(text)] for name, text in fields.items() if text])

    def say(self, text: str) -> None:
        """Print a line that is a result."""
        print(printable(text), file=self.out)

    def text(self, text: str) -> None:
        """Print lines as they are, but for control characters; a newline ends them."""
        if text:
            print(printable(text.removesuffix("\n"), keep="\n\t"), file=self.out)

    def remark(self, text: str) -> None:
        """Print a line that is no result: what to do next, or what was done."""
        if self.output is Output.TABLE:
            print(printable(text), file=self.err)

    def error(self, error: TbgatewayError) -> None:
        """Print what went wrong and what to do about it."""
        if self.output is Output.JSON:
            told = {"code": error.code, "title": error.title, "detail": error.detail}
            advice = {"hint": error.hint, "command": error.command}
            print(json.dumps({**told, **advice}, ensure_ascii=False), file=self.err)
            return
        lines = (("error", error.detail), ("hint", error.hint), ("try", error.command))
        for label, text in lines:
            if text:
                print(f"{label}: {printable(text, keep=chr(10))}", file=self.err)

    def _plain(self, rows: Sequence[Sequence[str]]) -> None:
        widths = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            print("  ".join(cells).rstrip(), file=self.out)

    def _rich_table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - only a terminal needs rich
        from rich.console import Console  # noqa: PLC0415 - the same
        from rich.table import Table  # noqa: PLC0415 - the same
        from rich.text import Text  # noqa: PLC0415 - the same

        no_color = True if self.environ.get("NO_COLOR") else None
        table = Table(*heads, box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*map(Text, row))
        # The terminal breaks lines that are wider than it: so URLs stay whole when copied.
        console = Console(file=self.out, width=_WIDEST, no_color=no_color, highlight=False)
        console.print(table)


def printable(text: str, *, keep: str = "") -> str:
    """Return `text` with control characters made harmless, except those in `keep`."""
    return "".join(
        character if character.isprintable() or character in keep else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
