"""What the parser of the command line refuses, in the words of everybody."""

import difflib
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from cyclopts import CoercionError, CycloptsError, UnknownOptionError, UnusedCliTokensError

from tbgateway.cli.idle import Idle
from tbgateway.domain.errors import InvalidInputError

SHARED_OPTIONS = ("--url", "--token-file", "--output", "--help", "--version")
"""Options that every command has."""

_KINDS: Mapping[object, tuple[str, str]] = MappingProxyType(
    {
        int: ("a whole number", ""),
        float: ("a number", ""),
        timedelta: ("a length of time", "Write it with a unit, such as 12h or 90d."),
        Idle: ("a length of time", "Write 45m or 12h, or never, or default."),
    }
)
"""How people call what programs call types, and how it is written."""


def usage_error(error: CycloptsError) -> InvalidInputError:
    """Return the error that says what cannot be understood, and where to read on."""
    command = " ".join(("tbgateway", *(error.command_chain or ())))
    detail, advice = _explained(error)
    return InvalidInputError(detail, hint=f"{advice} See: {command} --help".strip())


def _explained(error: CycloptsError) -> tuple[str, str]:
    """Return what is wrong, and what may be meant."""
    match error:
        case CoercionError(target_type=kind, token=token) if token is not None and kind in _KINDS:
            named, advice = _KINDS[kind]
            what = token.keyword or "the argument"
            return f"Invalid value {token.value!r} for {what}: it is not {named}.", advice
        case UnknownOptionError(token=token):
            said = _in_one_line(error)
            advised = "Did you mean" in said  # by the parser, which knows the command's own
            return said, "" if advised else _shared(token.keyword or token.value)
        case UnusedCliTokensError(unused_tokens=[*words]) if words:
            surplus = ", ".join(map(repr, words))
            return f"The command takes fewer arguments: {surplus} cannot be used.", ""
        case _:
            return _in_one_line(error), ""


def _shared(option: str) -> str:
    meant = difflib.get_close_matches(option, SHARED_OPTIONS, n=1)
    return f"Did you mean {meant[0]}?" if meant else ""


def _in_one_line(error: CycloptsError) -> str:
    return " ".join(str(error).split())
