"""tbgateway run: a command as an experiment.

Its options are read where it runs (`tbgateway.training`), because the words of the command behind
them are nobody else's. What is made here of the same table is for help and completion.
"""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tbgateway.cli.session import Use
from tbgateway.cli.terminal import Output
from tbgateway.training import run_order
from tbgateway.training.run_order import OPTIONS, SUMMARY, Kind, Option, options_of, wants_help

_TYPES: dict[Kind, tuple[Any, object]] = {
    Kind.ONE: (str | None, None),
    Kind.MANY: (list[str] | None, None),
    Kind.FLAG: (bool, False),
}


def words_for_run(arguments: Sequence[str]) -> list[str] | None:
    """Return what stands around the word `run`, or None for other commands and for help."""
    options, command = options_of(arguments)
    if command[:1] != ["run"]:
        return None
    words = [*options, *command[1:]]
    return None if wants_help(words) else words


def output_of(words: Sequence[str]) -> Output:
    """Return how errors shall be printed, also those about the words themselves."""
    return Output.JSON if run_order.output_of(words) == Output.JSON else Output.TABLE


def run(words: Sequence[str]) -> int:
    """Run the command that the words order; return its exit code. Raises TbgatewayError."""
    from tbgateway.training import run as running  # noqa: PLC0415 - only this command needs it

    return running.run(run_order.parse_order(words))


def explained() -> Callable[..., None]:
    """Return a command that takes the options of `run`: what it says is all that it does."""

    def command(*_words: object, **_options: object) -> None:
        raise AssertionError("the application runs it by its words")

    command.__name__ = "run"
    command.__doc__ = SUMMARY
    command.__signature__ = inspect.Signature([_WORDS, *map(_parameter, OPTIONS), _SESSION])  # type: ignore[attr-defined] # what inspect looks for
    command.__annotations__ = {}
    return command


def _parameter(option: Option) -> inspect.Parameter:
    name, keyword = option.key, inspect.Parameter.KEYWORD_ONLY
    kind, default = (Path | None, None) if option.value == "DIR" else _TYPES[option.kind]
    told = Parameter(name=option.names, help=option.help, required=option.name == "--name")
    return inspect.Parameter(name, keyword, default=default, annotation=Annotated[kind, told])


_WORDS = inspect.Parameter(
    "command",
    inspect.Parameter.VAR_POSITIONAL,
    annotation=Annotated[
        str,
        Parameter(
            help="The command and its words. It finds the directory for its event files in"
            " TBGATEWAY_LOGDIR; {logdir} among its words is replaced by it."
        ),
    ],
)
_SESSION = inspect.Parameter("session", inspect.Parameter.KEYWORD_ONLY, annotation=Use)
