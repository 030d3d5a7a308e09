"""The command line of the light wheel: `tbgateway run` and `tbgateway version`."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import tbgateway
from tbgateway.domain.errors import InvalidInputError, TbgatewayError
from tbgateway.training.run import run
from tbgateway.training.run_order import SUMMARY, options_of, parse_order, parser, wants_help

_WHOLE = "tbgateway.cli"
_HELP = f"""usage: tbgateway run | version

  run      {SUMMARY}
  version  Print the version that is installed here.

This is the light package, tbgateway-client. All other commands are in the package tbgateway.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `arguments` default to the process's own.

    Where the whole package is installed as well, its command line answers.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if find_spec(_WHOLE) is not None:
        outcome: int = import_module(_WHOLE).main(words)
        return outcome
    try:
        return _command(*options_of(words))
    except TbgatewayError as error:
        for label, text in (("error", error.detail), ("hint", error.hint)):
            if text:
                sys.stderr.write(f"{label}: {_printable(text)}\n")
        return error.exit_code


def _command(options: list[str], command: list[str]) -> int:
    match command:
        case ["run", *words]:
            return _run([*options, *words])
        case ["version"] if not options:
            sys.stdout.write(f"tbgateway  {tbgateway.__version__}\n")
        case [] if "--version" in options:
            sys.stdout.write(f"{tbgateway.__version__}\n")
        case []:
            sys.stdout.write(_HELP)
        case [other, *_]:
            raise InvalidInputError(
                f"This is the light package, tbgateway-client, which has no command {other!r}.",
                hint="It has run and version; all others are in the package tbgateway.",
            )
    return 0


def _run(words: list[str]) -> int:
    if wants_help(words):
        sys.stdout.write(parser().format_help())
        return 0
    return run(parse_order(words))


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
