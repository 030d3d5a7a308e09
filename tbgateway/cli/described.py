"""What is said of an experiment on a command line: parameters, tags, notes."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tbgateway.domain.assignments import parse_assignments
from tbgateway.domain.description import check_notes, check_params, check_tags
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ParamValue

_STDIN = Path("-")
_HYPHENS = Parameter(allow_leading_hyphen=True)
"""Also a list in Markdown begins with one."""


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What is said of an experiment.

    Args:
        param: A parameter, KEY=VALUE: true or false, a number, or else text. May be repeated.
        tag: A tag; may be repeated.
        notes: Notes, as Markdown.
        notes_file: A file with the notes, - for stdin.

    """

    param: list[str] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    notes: Annotated[str | None, _HYPHENS] = None
    notes_file: Annotated[Path | None, _HYPHENS] = None

    def params(self) -> Mapping[str, ParamValue]:
        """Return the parameters; raise InvalidInputError for what cannot be one."""
        return check_params(parse_assignments(self.param))

    def tags(self) -> tuple[str, ...]:
        """Return the tags, each once; raise InvalidInputError for what cannot be one."""
        return tags_of(self.tag)

    def words(self) -> str | None:
        """Return the notes, None where none are given; raise InvalidInputError for wrong ones."""
        if self.notes_file is None:
            return None if self.notes is None else check_notes(self.notes)
        if self.notes is not None:
            raise InvalidInputError(
                "The notes have two sources.", hint="Give either --notes or --notes-file."
            )
        return check_notes(_read(self.notes_file))


Said = Annotated[_Said, Parameter(name="*")]
NOTHING_SAID = _Said()


def tags_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return tags, each once; raise InvalidInputError for what cannot be one."""
    for text in texts:
        if "," in text:
            each = " ".join(f"--tag {shlex.quote(tag.strip())}" for tag in text.split(","))
            raise InvalidInputError(
                f"{text!r} cannot be a tag: it holds a comma.", hint=f"Give each by itself: {each}"
            )
    return check_tags(tuple(dict.fromkeys(texts)))


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if file == _STDIN else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not valid UTF-8"
        raise InvalidInputError(
            f"The notes cannot be read from {str(file)!r}: {problem}.",
            hint="Name a text file, or - for stdin.",
        ) from error
