"""What an experiment's `tbgateway.json` says, and what of it is news."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, TypeVar

from tbgateway.domain.description import check_notes, check_params, check_tags, same
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.experiment_state import End, running
from tbgateway.domain.model import Description, Experiment, ExperimentState, ParamValue
from tbgateway.domain.reasons import check_reason
from tbgateway.domain.unix_time import is_unix_time

FILE_NAME = "tbgateway.json"
LONGEST_FILE = 1024 * 1024  # bytes

_ENDS = {
    "completed": "completed by its script",
    "failed": "failed, said its script",
    "stopped": "stopped by its script",
}
"""The states in which a script may end, and what is said of it where it gave no reason."""
_TOO_MUCH = "Together with what people added it is too much:"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEnd:
    """How the script said that it ended; without a `state` it did not say so."""

    state: ExperimentState | None = None
    reason: str = ""
    ended_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSays:
    """The content of the file; None for a part that could not be understood."""

    params: Mapping[str, ParamValue] | None = field(default_factory=dict)
    tags: tuple[str, ...] | None = ()
    notes: str | None = ""
    end: FileEnd | None = FileEnd()

    def over(self, last: "FileSays") -> "FileSays":
        """Return this, and what was said last where this could not be understood."""
        return FileSays(
            params=last.params if self.params is None else self.params,
            tags=last.tags if self.tags is None else self.tags,
            notes=last.notes if self.notes is None else self.notes,
            end=last.end if self.end is None else self.end,
        )

    def as_json(self) -> str:
        """Return it as `parse_file` reads it, or "" for nothing said."""
        end = self.end or FileEnd()
        said = {
            "params": dict(self.params or {}),
            "tags": list(self.tags or ()),
            "notes": self.notes,
            "state": end.state and end.state.value,
            "reason": end.reason,
            "ended_at": end.ended_at,
        }
        told = {key: value for key, value in said.items() if value or value == 0.0}
        return json.dumps(told) if told else ""


NOT_UNDERSTOOD = FileSays(params=None, tags=None, notes=None, end=None)


def parse_file(text: str) -> tuple[FileSays, str]:
    """Return what the file says, and what is wrong with it in a sentence, or "".

    Each part stands for itself. Whatever the text is, nothing is raised.
    """
    try:
        said = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
    except RecursionError:
        return NOT_UNDERSTOOD, "It is nested too deeply."
    except ValueError as error:
        return NOT_UNDERSTOOD, f"It is no JSON: {_line(error)}."
    if not isinstance(said, dict):
        return NOT_UNDERSTOOD, "It is no JSON object."
    return _Reader(said).read()


@dataclass(frozen=True, slots=True)
class FileNews:
    """What changes once the file was read.

    `end` is the end that it tells, `past` the one that it told before and takes back; or None.
    """

    description: Description
    end: End | None = None
    past: FileEnd | None = None


def news_of(description: Description, says: FileSays, problem: str) -> FileNews:
    """Return what is new in the file: only that is taken over, so what people changed stays.

    The description is the same object if nothing in it changed.
    """
    last = _last_said(description)
    now = says.over(last)
    after = replace(
        description,
        params=_merged_params(description.params, last.params or {}, now.params or {}),
        tags=_merged_tags(description.tags, last.tags or (), now.tags or ()),
        notes=description.notes if now.notes == last.notes else now.notes or "",
        file=now.as_json(),
        problem=problem,
    )
    try:
        check_params(after.params)
        check_tags(after.tags)
    except InvalidInputError as error:
        after = _refused(description, replace(last, end=now.end), error)
    unchanged = same(after, description)
    return _news(description if unchanged else after, last.end or FileEnd(), now.end or FileEnd())


def without(experiment: Experiment, past: FileEnd | None) -> Experiment:
    """Return the experiment running again if it has the end that its file takes back.

    That end stays known, as where a script begins anew: told once more, it is not this life's.
    """
    if past is None or (experiment.state, experiment.ended_at) != (past.state, past.ended_at):
        return experiment
    again = running(experiment, "its script began anew")
    return replace(again, end_heard_at=None)


def last_end(description: Description) -> End | None:
    """Return the end that the file told when it was read last; None if it told none."""
    return _end(_last_said(description).end or FileEnd())


def _news(description: Description, last: FileEnd, now: FileEnd) -> FileNews:
    if (now.state, now.ended_at) == (last.state, last.ended_at):
        return FileNews(description)
    if now.state is None:
        return FileNews(description, past=last)
    return FileNews(description, _end(now))


def _end(told: FileEnd) -> End | None:
    if told.state is None:
        return None
    return End(told.state, told.reason or by_script(told.state), told.ended_at, by_script=True)


def _last_said(description: Description) -> FileSays:
    return parse_file(description.file)[0].over(FileSays()) if description.file else FileSays()


def _refused(description: Description, last: FileSays, error: InvalidInputError) -> Description:
    """Return the description as it is: the file alone would do, but not with what people added."""
    return replace(description, file=last.as_json(), problem=f"{_TOO_MUCH} {error.detail}")


def was_too_much(description: Description) -> bool:
    """Whether the file says more than there was room for, beside what people added."""
    return description.problem.startswith(_TOO_MUCH)


def by_script(state: ExperimentState) -> str:
    """Return what is said of an experiment whose script ended it and gave no reason."""
    return _ENDS[state]


def _merged_params(
    mine: Mapping[str, ParamValue], last: Mapping[str, ParamValue], now: Mapping[str, ParamValue]
) -> Mapping[str, ParamValue]:
    gone = {key for key, value in last.items() if key not in now and _alike(mine.get(key), value)}
    kept = {key: value for key, value in mine.items() if key not in gone}
    new = {key: value for key, value in now.items() if not _alike(last.get(key), value)}
    return {**kept, **new}


def _alike(one: ParamValue | None, other: ParamValue) -> bool:
    return type(one) is type(other) and one == other


def _merged_tags(
    mine: tuple[str, ...], last: tuple[str, ...], now: tuple[str, ...]
) -> tuple[str, ...]:
    gone = set(last) - set(now)
    new = (tag for tag in now if tag not in last)
    return tuple(dict.fromkeys((*(tag for tag in mine if tag not in gone), *new)))


class _Reader:
    """Reads the parts of the object in the file; remembers the first thing that is wrong."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self._said = said
        self._problem = ""

    def read(self) -> tuple[FileSays, str]:
        says = FileSays(
            params=self._part("params", {}, check_params),
            tags=self._part("tags", [], check_tags),
            notes=self._part("notes", "", check_notes),
            end=self._end(),
        )
        return says, self._problem

    def _end(self) -> FileEnd | None:
        state = self._said.get("state")
        if state is None:
            return FileEnd()
        if not isinstance(state, str) or state not in _ENDS:
            self._wrong(f"In it, state is none of {', '.join(_ENDS)}.")
            return None
        reason = self._part("reason", "", check_reason)
        return FileEnd(state=ExperimentState(state), reason=reason or "", ended_at=self._ended_at())

    def _ended_at(self) -> float | None:
        ended_at = self._said.get("ended_at")
        if ended_at is None:
            return None
        is_number = isinstance(ended_at, int | float) and not isinstance(ended_at, bool)
        if is_number and is_unix_time(ended_at):
            return float(ended_at)
        self._wrong("In it, ended_at is no time in Unix seconds.")
        return None

    def _part(self, key: str, empty: object, check: Callable[[Any], T]) -> T | None:
        value = self._said.get(key)
        value = empty if value is None else value
        if not isinstance(value, type(empty)):
            self._wrong(f"In it, {key} is no {_SPOKEN[type(empty)]}.")
            return None
        try:
            return check(value)
        except InvalidInputError as error:
            self._wrong(error.detail)
            return None

    def _wrong(self, problem: str) -> None:
        self._problem = self._problem or problem


_SPOKEN: Mapping[type, str] = {dict: "object", list: "list", str: "text"}


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _line(error: ValueError) -> str:
    return " ".join(str(error).split())[:200]
