"""What `tbgateway run` is told: its options, and the command that they are for.

The options stand in one table, from which every command line that has `run` makes its help.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Never

from tbgateway.domain.assignments import parse_assignments
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ParamValue

USAGE = "tbgateway run --name NAME [options] -- COMMAND…"
SUMMARY = "Run a command as an experiment: registered before it starts, ended as it ends."
_HELP = "See: tbgateway run --help"


class Kind(Enum):
    """How often an option may stand there, and whether it has a value."""

    ONE = "one"
    MANY = "many"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Option:
    """An option of `tbgateway run`."""

    name: str
    help: str
    kind: Kind = Kind.ONE
    value: str = ""
    short: str = ""
    is_prose: bool = False
    """Whether its value may begin with a hyphen, as a list in Markdown does."""

    @property
    def key(self) -> str:
        """The name as an identifier."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the short one last."""
        return (self.name, self.short) if self.short else (self.name,)


OPTIONS = (
    Option("--name", "The experiment's name; a number is added if it is taken.", value="NAME"),
    Option(
        "--board",
        "A board to show it on, made if there is none of this name; may be repeated.",
        Kind.MANY,
        "BOARD",
    ),
    Option("--tag", "A tag of the experiment; may be repeated.", Kind.MANY, "TAG"),
    Option("--param", "A parameter, such as lr=0.001; may be repeated.", Kind.MANY, "KEY=VALUE"),
    Option("--notes", "What people should know of it, as Markdown.", value="TEXT", is_prose=True),
    Option("--logdir", "Use this directory instead of a new one.", value="DIR"),
    Option("--resume", "Go on with the experiment of this name.", Kind.FLAG),
    Option("--no-create-boards", "Make no boards: use those that there are.", Kind.FLAG),
    Option("--tensorboard", "Show it on the only board that there is, else a new one.", Kind.FLAG),
    Option("--tensorboard_set", "Show it on this board, which there is.", value="BOARD"),
)
SHARED = (
    Option("--url", "The gateway: http(s)://HOST[:PORT][/PREFIX] or unix:PATH.", value="URL"),
    Option("--token-file", "A file that holds an API token.", value="FILE"),
    Option("--output", "How errors are printed: table or json.", value="HOW", short="-o"),
)
_HELP_WORDS = frozenset({"--help", "-h"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """A command, and what is said of the experiment that it is."""

    command: tuple[str, ...]
    name: str
    boards: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    params: Mapping[str, ParamValue]
    notes: str | None = None
    logdir: str | None = None
    resume: bool = False
    create_boards: bool = True
    only_board: bool = False
    board_that_is: str | None = None
    url: str | None = None
    token_file: Path | None = None


def options_of(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the options, which come first, from the command; a `--` in between is left out."""
    place = 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] == "--":
            return [*words[:place]], [*words[place + 1 :]]
        place += 2 if words[place] in _WITH_VALUE else 1
    return [*words[:place]], [*words[place:]]


def wants_help(words: Sequence[str]) -> bool:
    """Whether the options ask for an explanation."""
    return not _HELP_WORDS.isdisjoint(_joined(options_of(words)[0]))


def output_of(words: Sequence[str]) -> str | None:
    """Return the value of `--output`, as far as the words can be understood; never raises."""
    read = argparse.Namespace(output=None)
    with suppress(InvalidInputError):
        parser().parse_known_args([*_joined(options_of(words)[0])], read)
    output: str | None = read.output
    return output


def parser() -> argparse.ArgumentParser:
    """Return what reads the options, and explains them."""
    made = _Parser(
        prog="tbgateway run",
        usage=USAGE,
        description=SUMMARY,
        epilog="The command finds the directory for its event files in TBGATEWAY_LOGDIR; {logdir}"
        " among its words is replaced by it.",
        allow_abbrev=False,
    )
    for option in (*OPTIONS, *SHARED):
        if option.kind is Kind.FLAG:
            made.add_argument(*option.names, action="store_true", help=option.help)
        else:
            action = _Once if option.kind is Kind.ONE else "append"
            made.add_argument(*option.names, action=action, metavar=option.value, help=option.help)
    return made


def parse_order(words: Sequence[str]) -> RunOrder:
    """Return what the words order; raise InvalidInputError for what cannot be understood."""
    options, command = options_of(words)
    read = parser().parse_args([*_joined(options)])
    if not read.name:
        raise InvalidInputError("The experiment has no name.", hint=f"Give --name NAME. {_HELP}")
    if not command:
        raise InvalidInputError("There is no command to run.", hint=f"Use: {USAGE}")
    if read.tensorboard and read.tensorboard_set:
        raise InvalidInputError(
            "--tensorboard and --tensorboard_set exclude each other.", hint=_HELP
        )
    return RunOrder(
        command=tuple(command),
        name=read.name,
        boards=tuple(read.board or ()),
        tags=tuple(read.tag or ()),
        params=parse_assignments(read.param or ()),
        notes=read.notes,
        logdir=read.logdir,
        resume=read.resume,
        create_boards=not read.no_create_boards,
        only_board=read.tensorboard,
        board_that_is=read.tensorboard_set,
        url=read.url,
        token_file=None if read.token_file is None else Path(read.token_file),
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Never:
        raise InvalidInputError(f"{message[:1].upper()}{message[1:]}.", hint=_HELP)


class _Once(argparse.Action):
    """Takes one value, and no second one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,  # noqa: ANN401 - as argparse has it
        option_string: str | None = None,
    ) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option_string} is given twice")
        setattr(namespace, self.dest, values)


def _joined(options: Sequence[str]) -> Iterator[str]:
    """Yield the options, with prose in one word with its name: else it may look like an option."""
    words = iter(options)
    for word in words:
        prose = next(words, "--") if word in _PROSE else "--"
        if prose == "--":  # which ends the options: there is no text
            yield word
        else:
            yield f"{word}={prose}"


_PROSE = frozenset(option.name for option in OPTIONS if option.is_prose)
_WITH_VALUE = frozenset(
    name for option in (*OPTIONS, *SHARED) if option.kind is not Kind.FLAG for name in option.names
)
