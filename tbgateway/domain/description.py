"""What people and scripts say of an experiment: its parameters, tags and notes."""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Description, ParamValue

NONCE_NAME = ".tbgateway-nonce"
"""A file by which a script shows that the gateway sees the directory that it writes into."""
MOST_PARAMS = 1000
LONGEST_KEY = 200  # characters, as all of these
LONGEST_VALUE = 1000
MOST_TAGS = 64
LONGEST_TAG = 100
LONGEST_NOTES = 65_536
COMPARING = "=<>!"
"""Characters that compare a parameter with a value, and so are in no key."""
_WIDEST_INTEGER = 64  # bits
_BREAKS = "\t\n\r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a script or a person says of an experiment at first; what is left out says nothing."""

    params: Mapping[str, ParamValue] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of a description: a parameter of None is removed, notes of None stay."""

    params: Mapping[str, ParamValue | None] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    notes: str | None = None


def check_params(params: Mapping[str, ParamValue]) -> Mapping[str, ParamValue]:
    """Return the parameters as plain values; raise InvalidInputError for what they cannot be."""
    if len(params) > MOST_PARAMS:
        raise _refused("params", f"{len(params)} parameters are too many.", _FEW_PARAMS)
    return {_checked_key(key): _checked_value(key, value) for key, value in params.items()}


def check_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the tags; raise InvalidInputError for too many, odd or repeated ones."""
    if len(tags) > MOST_TAGS:
        raise _refused("tags", f"{len(tags)} tags are too many.", _FEW_TAGS)
    checked = tuple(map(_checked_tag, tags))
    for number, tag in enumerate(checked):
        if tag in checked[:number]:
            raise _refused("tags", f"The tag {tag!r} stands there twice.", "Say each tag once.")
    return checked


def check_notes(notes: str) -> str:
    """Return the notes; raise InvalidInputError for what is too long or no text."""
    if not isinstance(notes, str) or len(notes) > LONGEST_NOTES or not _is_text(notes):
        raise _refused(
            "notes",
            "The notes are too long, or hold what is no text.",
            f"Notes are Markdown of at most {LONGEST_NOTES} characters, without control"
            " characters.",
        )
    return notes


def check_told(told: Told) -> Told:
    """Return what is told, with plain values; raise InvalidInputError for what cannot be."""
    return Told(
        params=check_params(told.params),
        tags=check_tags(told.tags),
        notes=None if told.notes is None else check_notes(told.notes),
    )


def told_of(description: Description, told: Told) -> Description:
    """Return the description after somebody told this, too. Raise InvalidInputError."""
    edit = Edit(params=told.params, add_tags=told.tags, notes=told.notes)
    return edited(description, edit)


def edited(description: Description, edit: Edit) -> Description:
    """Return the description after the edit; the same object if nothing changed.

    A tag both added and removed is removed. Raise InvalidInputError for what it cannot become.
    """
    params = {**description.params, **edit.params}
    kept = {key: value for key, value in params.items() if value is not None}
    tags = dict.fromkeys((*description.tags, *check_tags(edit.add_tags)))
    notes = description.notes if edit.notes is None else edit.notes
    after = replace(
        description,
        params=check_params(kept),
        tags=check_tags(tuple(tag for tag in tags if tag not in edit.remove_tags)),
        notes=check_notes(notes),
    )
    return description if same(after, description) else after


def same(one: Description, other: Description) -> bool:
    """Whether both say the same; `True` and `1` compare as equal, and are not the same."""
    return one == other and [*map(type, one.params.values())] == [
        type(other.params[key]) for key in one.params
    ]


def parse_value(text: str) -> ParamValue:
    """Return what somebody typed as a parameter's value: true, false, a number, or else text."""
    if text in {"true", "false"}:
        return text == "true"
    number = number_in(text)
    return text if number is None else number


@lru_cache(maxsize=1024)
def number_in(text: str) -> int | float | None:
    """Return the finite number that `text` is, or None; a condition asks it of each experiment."""
    if not text.isascii() or "_" in text or text != text.strip() or len(text) > LONGEST_VALUE:
        return None
    for read in (int, float):
        try:
            number = read(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return None


def spoken(value: ParamValue) -> str:
    """Return a parameter's value as people type and read it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a parameter has to be, such as `lr<1e-3`; without an operator it has to be there."""

    key: str
    operator: str = ""
    value: str = ""

    def holds(self, params: Mapping[str, ParamValue]) -> bool:
        """Whether it is so. Numbers compare as numbers, all else as text.

        What is not there meets no condition; a number is neither less nor more than a text.
        """
        found = params.get(self.key)
        if found is None:
            return False
        compare = OPERATORS.get(self.operator)
        if compare is None:
            return True
        wanted = number_in(self.value)
        mine = None if isinstance(found, bool | str) else found
        if mine is not None and wanted is not None:
            return compare(mine, wanted)
        if (mine is None) is not (wanted is None) and self.operator not in _EQUALITIES:
            return False
        return compare(spoken(found), self.value)


def parse_condition(text: str) -> Condition:
    """Return what somebody typed, such as `lr<1e-3`; raise InvalidInputError if it is none."""
    found = _CONDITION.fullmatch(text)
    if found is not None:
        key, compared, value = ((part or "").strip() for part in found.groups())
        fits = _is_word(key, LONGEST_KEY) and len(value) <= LONGEST_VALUE
        if fits and value[:1] not in _ODD and (value or compared not in _ORDERS):
            return Condition(key, "==" if compared == "=" else compared, value)
    raise _refused("param", f"{_shortened(text)} is no condition.", _CONDITIONS)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "==": operator.eq,
        "!=": operator.ne,
        "<=": operator.le,
        ">=": operator.ge,
        "<": operator.lt,
        ">": operator.gt,
    }
)
_EQUALITIES = frozenset({"==", "!="})
_CONDITION = re.compile(r"([^=<>!]+)(?:(==|!=|<=|>=|=|<|>)(.*))?", re.DOTALL)
_ODD = frozenset(COMPARING)
_ORDERS = OPERATORS.keys() - _EQUALITIES
_CONDITIONS = (
    "Use a parameter's name, one of == != < <= > >= and a value, such as lr<1e-3; or a name alone,"
    " for those that have it."
)


def _checked_key(key: str) -> str:
    if _is_word(key, LONGEST_KEY) and not set(key) & set(COMPARING):
        return key
    raise _refused(
        "params",
        f"{_shortened(key)} cannot be the name of a parameter.",
        f"A name is 1 to {LONGEST_KEY} printable characters, but none of {' '.join(COMPARING)},"
        " and has no blanks around it.",
    )


def _checked_value(key: str, value: object) -> ParamValue:
    match value:
        case bool():
            return bool(value)
        case int() if value.bit_length() <= _WIDEST_INTEGER:
            return int(value)
        case float() if math.isfinite(value):
            return float(value)
        case str() if len(value) <= LONGEST_VALUE and _is_text(value):
            return str(value)
        case _:
            raise _refused(
                "params",
                f"The parameter {_shortened(key)} cannot be {_shortened(value)}.",
                f"A value is true, false, a finite number (an integer of {_WIDEST_INTEGER} bits at"
                f" most), or text of at most {LONGEST_VALUE} characters without control"
                " characters; what is nested needs names such as optimizer.lr.",
            )


def _checked_tag(tag: str) -> str:
    if _is_word(tag, LONGEST_TAG) and "," not in tag:
        return tag
    raise _refused("tags", f"{_shortened(tag)} cannot be a tag.", _FEW_TAGS)


def _is_word(text: object, longest: int) -> bool:
    if not isinstance(text, str) or not 1 <= len(text) <= longest:
        return False
    return text.isprintable() and text == text.strip()


def _is_text(text: str) -> bool:
    """Whether it may be shown and stored; most text is, which is seen at once."""
    return text.isprintable() or all(map(_is_shown, text))


def _is_shown(character: str) -> bool:
    is_surrogate = "\ud800" <= character <= "\udfff"
    is_control = character < " " or "\x7f" <= character <= "\x9f"
    return character in _BREAKS or not (is_control or is_surrogate)


def _shortened(text: object) -> str:
    """Return what was given, as far as it can be told in a line."""
    if not isinstance(text, str | bool | float):
        return _KINDS.get(type(text), "something else")
    shown = repr(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


_KINDS = {int: "so large an integer", list: "a list", dict: "an object", type(None): "nothing"}
_SHOWN = 60
_FEW_PARAMS = f"An experiment has at most {MOST_PARAMS} parameters."
_FEW_TAGS = (
    f"An experiment has at most {MOST_TAGS} tags, each of 1 to {LONGEST_TAG} printable characters"
    " without commas, and without blanks around it."
)


def _refused(field_name: str, detail: str, hint: str) -> InvalidInputError:
    return InvalidInputError(detail, hint=hint, field=field_name)
