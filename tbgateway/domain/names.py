"""Which names and ids exist, and which of them get in each other's way."""

import itertools
import re
import secrets
import unicodedata
from collections.abc import Iterable
from typing import NewType

from tbgateway.domain.errors import InvalidInputError, NamesShadowError

BoardId = NewType("BoardId", str)
ExperimentId = NewType("ExperimentId", str)
LaunchId = NewType("LaunchId", str)
"""One generation of one board: `<board id>.<generation>`."""

BOARD_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
MEMBER_NAME = re.compile(r"[A-Za-z0-9_.@+-]{1,64}")
ROOT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_ID = re.compile(r"(tb|ex)[0-9a-f]{10}")
_BOARD_ID = re.compile(r"tb[0-9a-f]{10}")
_LAUNCH_ID = re.compile(r"tb[0-9a-f]{10}\.[0-9]+")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode's categories of characters that steer the text around them, or mean nothing."""
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters of other categories that are drawn as nothing."""
_LONGEST_COMPONENT = 255  # bytes; NAME_MAX of every common Linux file system
_LONGEST_EXPERIMENT_NAME = 1024  # bytes; leaves room below PATH_MAX for the tree's own path


def new_board_id() -> BoardId:
    """Mint an id: short, because a socket's path may have 107 bytes only."""
    return BoardId(f"tb{secrets.token_hex(5)}")


def new_experiment_id() -> ExperimentId:
    """Mint an experiment's id."""
    return ExperimentId(f"ex{secrets.token_hex(5)}")


def is_id(text: str) -> bool:
    """Whether `text` has the shape of a board's or an experiment's id."""
    return _ID.fullmatch(text) is not None


def is_board_id(text: str) -> bool:
    """Whether `text` has the shape of a board's id."""
    return _BOARD_ID.fullmatch(text) is not None


def is_launch_id(text: str) -> bool:
    """Whether `text` has the shape of a launch's id."""
    return _LAUNCH_ID.fullmatch(text) is not None


def check_board_name(name: str) -> str:
    """Return `name`; raise InvalidInputError unless it can be a board's name and URL segment."""
    if BOARD_NAME.fullmatch(name) and not is_id(name):
        return name
    raise InvalidInputError(
        f"{name!r} cannot be a board's name.",
        hint="Use 1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit"
        " (and not the form of an id, such as tb0123456789).",
        field="name",
    )


def check_username(name: str) -> str:
    """Return `name`; raise InvalidInputError unless it can be a user name."""
    if MEMBER_NAME.fullmatch(name):
        return name
    raise InvalidInputError(
        f"{name!r} cannot be a user name.",
        hint="Use 1 to 64 letters, digits or the characters _ . @ + -",
    )


def check_root_name(name: str) -> str:
    """Return `name`; raise InvalidInputError unless it can name a logdir root."""
    if ROOT_NAME.fullmatch(name):
        return name
    raise InvalidInputError(
        f"{name!r} cannot name a logdir root.",
        hint="Use letters, digits and the characters _ . - (beginning with a letter or digit).",
    )


def check_experiment_name(name: str) -> str:
    """Return `name`; raise InvalidInputError unless it can be a path inside a link tree."""
    problem = _experiment_name_problem(name)
    if problem is None:
        return name
    raise InvalidInputError(
        f"{name!r} cannot be an experiment's name: {problem}.",
        hint="A name is one or more parts joined by '/'; parts may hold spaces, commas and any"
        " printable characters, but may not be empty, '.' or '..'.",
        field="name",
    )


def check_given_name(name: str) -> str:
    """Return `name`; raise InvalidInputError unless somebody may give it to an experiment.

    Beside what `check_experiment_name` refuses, these are names that look like others, or like
    nothing. A directory may be called so: it is not who found it that chose.
    """
    problem = _given_name_problem(check_experiment_name(name))
    if problem is None:
        return name
    raise InvalidInputError(
        f"{name!r} cannot be given as an experiment's name: {problem}.",
        hint="Use characters that can be seen, with spaces in between at most.",
        field="name",
    )


def _given_name_problem(name: str) -> str | None:
    if name != name.strip():
        return "it begins or ends with white space"
    if any(unicodedata.category(one) in _UNSEEN or one in _BLANKS for one in name):
        return "it holds control characters or others that cannot be seen"
    if not all(any(map(_is_visible, component)) for component in name.split("/")):
        return "a part of it holds nothing that can be seen"
    return None


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS"


def _experiment_name_problem(name: str) -> str | None:
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        return "it is not valid UTF-8"
    if is_id(name):
        return "it has the form of an id"
    if len(encoded) > _LONGEST_EXPERIMENT_NAME:
        return f"it is longer than {_LONGEST_EXPERIMENT_NAME} bytes"
    if _CONTROL_CHARACTER.search(name):
        return "it holds control characters"
    return _component_problem(name.split("/"))


def _component_problem(components: list[str]) -> str | None:
    if any(component in {"", ".", ".."} for component in components):
        return "a part of it is empty, '.' or '..'"
    if any(len(component.encode()) > _LONGEST_COMPONENT for component in components):
        return f"a part of it is longer than {_LONGEST_COMPONENT} bytes"
    return None


def find_shadow(names: Iterable[str]) -> tuple[str, str] | None:
    """Return two names of which one is the other or a path prefix of it, or None.

    A link `a` makes `a/b` impossible: `b` would be created inside the experiment itself.
    """
    ordered = sorted(tuple(name.split("/")) for name in names)
    for first, second in itertools.pairwise(ordered):
        if second[: len(first)] == first:
            return "/".join(first), "/".join(second)
    return None


def check_no_shadow(names: Iterable[str]) -> None:
    """Raise NamesShadowError if two of `names` cannot stand in one link tree."""
    shadow = find_shadow(names)
    if shadow is None:
        return
    first, second = shadow
    raise NamesShadowError(
        f"The experiments {first!r} and {second!r} cannot be on one board:"
        f" {second!r} would lie inside {first!r}.",
        hint="Register one of them under another name.",
        command="tbgateway experiment register PATH --name NAME",
    )


def launch_id(board_id: BoardId, generation: int) -> LaunchId:
    """Name one generation of a board."""
    return LaunchId(f"{board_id}.{generation}")
