"""What the gateway and the reader of scalars say to each other: lines of JSON.

A turn names one experiment and its event files; its answer tells what is known of its scalars by
then. What is answered was read from other people's files, by a process that parsed them: it is
checked before anything is made of it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from tbgateway.domain.points import Points
from tbgateway.domain.series import Digest, Series
from tbgateway.worker.shared_text import shared

MOST_POINTS = 48
MOST_SERIES = 100
MOST_DRAWN = 2
"""So many series, the foremost, are told with their points: they are what is drawn."""
LONGEST_TAG = 500  # characters
LONGEST_RUN = 1000  # characters
LONGEST_FLAW = 1000  # characters
"""A hundred of the longest tags and runs, six bytes for each character, make less than 1 MB."""
_LONGEST_ID = 100  # characters
_SERIES_FIELDS = 8
_LARGEST = 2**64
_SURROGATE = re.compile("[\ud800-\udfff]")


class NonsenseError(Exception):
    """What the reader said is none of what it may say."""


@dataclass(frozen=True)
class Turn:
    """Read on in this experiment; `files` are runs and paths, in the order they are read in."""

    experiment: str
    files: Sequence[tuple[str, str]]

    @cached_property
    def line(self) -> bytes:
        """The turn as it is sent; made once, as large experiments take many turns."""
        return _line({"experiment": self.experiment, "files": self.files})


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known after a turn; `denied` is whether files were out of the reader's reach."""

    experiment: str
    digest: Digest
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Hello:
    """The reader is there; `unconfined` says why it could read other files, too."""

    unconfined: str = ""


def decode_turn(line: bytes) -> Turn:
    """Read a turn back."""
    fields = json.loads(line)
    return Turn(fields["experiment"], [(run, path) for run, path in fields["files"]])


def encode_answer(answer: Answer | Hello) -> bytes:
    """Return what the reader says as a line; numbers that are none stay what they are."""
    if isinstance(answer, Hello):
        return _line(asdict(answer))
    series = [
        (one.run, one.tag, one.points, one.last, one.last_step, one.lowest, one.highest, one.count)
        for one in answer.digest.series
    ]
    return _line(
        {
            "experiment": answer.experiment,
            "series": series,
            "complete": answer.digest.complete,
            "flaw": answer.digest.flaw,
            "denied": answer.denied,
        },
        ascii_only=False,
    )


def decode_hello(line: bytes) -> Hello:
    """Read the reader's first words; raise NonsenseError if they are others."""
    return Hello(_text(_fields(line).get("unconfined"), LONGEST_FLAW))


def decode_answer(line: bytes) -> Answer:
    """Read an answer; raise NonsenseError if it is none, or more than it may be."""
    fields = _fields(line)
    series = fields.get("series")
    if not isinstance(series, list) or len(series) > MOST_SERIES:
        raise NonsenseError("not a list of series")
    whole: dict[int, int] = {}  # steps and counts are the same for many series of a run
    digest = Digest(
        series=tuple(_series(one, whole) for one in series),
        complete=fields.get("complete") is True,
        flaw=_text(fields.get("flaw"), LONGEST_FLAW),
    )
    if sum(bool(one.points) for one in digest.series) > MOST_DRAWN:
        raise NonsenseError("points of too many series")
    experiment = _text(fields.get("experiment"), _LONGEST_ID)
    return Answer(experiment, digest, denied=fields.get("denied") is True)


def _line(fields: object, *, ascii_only: bool = True) -> bytes:
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=ascii_only)
    return text.encode() + b"\n"


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NonsenseError("not JSON") from error
    if not isinstance(fields, dict):
        raise NonsenseError("not an object")
    return fields


def _series(fields: Any, whole: dict[int, int]) -> Series:  # noqa: ANN401 - it is looked at here
    if not isinstance(fields, list) or len(fields) != _SERIES_FIELDS:
        raise NonsenseError("not a series")
    run, tag, points, last, last_step, lowest, highest, count = fields
    last_step, count = _whole(last_step), _whole(count)
    return Series(
        run=shared(_text(run, LONGEST_RUN)),
        tag=shared(_text(tag, LONGEST_TAG)),
        points=_points(points),
        last=_number(last),
        last_step=whole.setdefault(last_step, last_step),
        lowest=_number(lowest),
        highest=_number(highest),
        count=whole.setdefault(count, count),
    )


def _points(points: Any) -> Sequence[tuple[float, float]]:  # noqa: ANN401 - it is looked at here
    if not isinstance(points, list) or len(points) > MOST_POINTS:
        raise NonsenseError("not a list of points")
    return Points(map(_pair, points)) if points else ()


def _pair(point: Any) -> tuple[float, float]:  # noqa: ANN401 - it is looked at here
    if not isinstance(point, list) or len(point) != 2:  # noqa: PLR2004 - a step and a value
        raise NonsenseError("not a point")
    return _number(point[0]), _number(point[1])


def _text(text: object, longest: int) -> str:
    if not isinstance(text, str) or len(text) > longest:
        raise NonsenseError("not a text, or too long a one")
    if not text.isascii() and _SURROGATE.search(text):  # it could not be put into a page
        raise NonsenseError("not Unicode")
    return text


def _number(number: object) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise NonsenseError("not a number")
    if isinstance(number, int) and abs(number) > _LARGEST:
        raise NonsenseError("too large a number")
    return float(number)


def _whole(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or abs(number) > _LARGEST:
        raise NonsenseError("not a whole number")
    return number
