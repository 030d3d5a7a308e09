"""What commands print: tables for people, JSON for programs, errors on stderr."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import TextIOWrapper
from typing import TextIO

from tbgateway.cli.screen import Screen, screen_of
from tbgateway.cli.tables import fitted, plain
from tbgateway.client.decoding import encode
from tbgateway.domain.errors import TbgatewayError


class Output(StrEnum):
    """How results are printed."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command prints to, and how.

    A table on a screen has lines, maybe colours, and fits it; anywhere else it is plain, aligned
    text, and whole. Whatever comes from elsewhere is printed without control characters.
    `screen` is the one that `out` goes to, if any. JSON takes one line if `compact`.
    """

    output: Output
    out: TextIO
    err: TextIO
    environ: Mapping[str, str]
    screen: Screen | None = None
    compact: bool = False

    @classmethod
    def standard(cls, output: Output) -> "Terminal":
        """Return the process's own terminal."""
        return cls.on(output, sys.stdout, sys.stderr, os.environ)

    @classmethod
    def on(cls, output: Output, out: TextIO, err: TextIO, environ: Mapping[str, str]) -> "Terminal":
        """Return the terminal of two streams."""
        for stream in (out, err):
            if isinstance(stream, TextIOWrapper):  # a name that it cannot spell is no reason to die
                stream.reconfigure(errors="backslashreplace")
        return cls(output, out, err, environ, screen_of(out, environ))

    def result(self, value: object) -> None:
        """Print a result as JSON."""
        indent = None if self.compact else 2
        print(json.dumps(encode(value), indent=indent, ensure_ascii=False), file=self.out)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows below their heads."""
        safe = [[printable(cell) for cell in row] for row in rows]
        screen = self.screen
        lines = plain([heads, *safe]) if screen is None else fitted(heads, safe, screen)
        self._lines(lines)

    def record(self, fields: Mapping[str, str | Sequence[str] | None]) -> None:
        """Print one thing: a line per field that has something to say, or one for each of its."""
        self._lines(plain([row for name, told in fields.items() for row in _rows(name, told)]))

    def say(self, text: str) -> None:
        """Print a line that is a result."""
        print(printable(text), file=self.out)

    def text(self, text: str) -> None:
        """Print lines as they are, but for control characters; a newline ends them."""
        if text:
            print(printable(text.removesuffix("\n"), keep="\n\t"), file=self.out)

    def remark(self, text: str) -> None:
        """Print a line that is no result: what to do next, or what was done."""
        if self.output is not Output.JSON:
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

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            print(line, file=self.out)


def _rows(name: str, told: str | Sequence[str] | None) -> Iterator[tuple[str, str]]:
    lines = [told] if isinstance(told, str) else told or ()
    if any(lines):
        for number, line in enumerate(lines):
            yield ("" if number else name, printable(line))


def printable(text: str, *, keep: str = "") -> str:
    """Return `text` with control characters made harmless, except those in `keep`."""
    return "".join(
        character if character.isprintable() or character in keep else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
