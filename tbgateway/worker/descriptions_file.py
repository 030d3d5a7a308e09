"""What people and scripts say of a board's experiments, as the gateway tells its process.

The gateway replaces the file by rename. Whoever asks looks at its state first, and reads it again
only where that changed. A file that cannot be read says nothing, and never fails.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Plain = bool | float | str
"""A parameter's value; all numbers are floats, as in TensorBoard."""

_LARGEST = 64 * 2**20  # bytes; the gateway writes far less
_NOTHING = (0, 0, 0)

_Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one experiment; parameters are finite and all text can be encoded."""

    params: Mapping[str, Plain]
    tags: tuple[str, ...]
    notes: str


@dataclass(frozen=True, slots=True)
class Descriptions:
    """What is said of each experiment, by the name of its link, and when that was written."""

    told: Mapping[str, Told] = field(default_factory=dict)
    written_at: float = 0.0


class DescriptionsFile:
    """The file at `path`, which may be missing; a board without one has ""."""

    def __init__(self, path: str) -> None:
        self._path = Path(path) if path else None
        self._seen: tuple[_Signature, Descriptions] = (_NOTHING, Descriptions())

    def read(self) -> Descriptions:
        """Return what it says now; the same object while the file stays as it is."""
        if self._path is None:
            return self._seen[1]
        signature = _sign(self._path)
        if signature != self._seen[0]:
            # Two threads may both read what changed: they find the same.
            self._seen = signature, _read(self._path, signature)
        return self._seen[1]


def _sign(path: Path) -> _Signature:
    try:
        status = os.stat(path)  # noqa: PTH116 - asked at every request; Path is slow
    except OSError:
        return _NOTHING
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read(path: Path, signature: _Signature) -> Descriptions:
    if signature == _NOTHING:
        return Descriptions()
    try:
        return Descriptions(parse(_content(path)), signature[2] / 1e9)
    except (OSError, ValueError, RecursionError) as error:
        sys.stderr.write(f"descriptions are left out: {type(error).__name__}: {error}\n")
        return Descriptions()


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"{path.name} is larger than {_LARGEST} bytes")
    return content


def parse(content: bytes) -> dict[str, Told]:
    """Read what is said; raise ValueError if `content` is no JSON object.

    What is wrong within it is left out.
    """
    entries = json.loads(content)
    if not isinstance(entries, dict):
        raise ValueError("not an object")  # noqa: TRY004 - of a file, as all that is wrong in it
    return {_text(link): _told(entry) for link, entry in entries.items() if isinstance(entry, dict)}


def _told(entry: Mapping[str, object]) -> Told:
    params, tags, notes = (entry.get(name) for name in ("params", "tags", "notes"))
    return Told(
        _params(params) if isinstance(params, dict) else {},
        tuple(_text(tag) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        _text(notes) if isinstance(notes, str) else "",
    )


def _params(params: Mapping[str, object]) -> dict[str, Plain]:
    plain = {_text(key): _plain(value) for key, value in params.items()}
    return {key: value for key, value in plain.items() if value is not None}


def _plain(value: object) -> Plain | None:
    match value:
        case bool():
            return value
        case str():
            return _text(value)
        case int() | float() if abs(value) <= sys.float_info.max:
            return float(value)
    return None


def _text(text: str) -> str:
    """Return `text` without what JSON can hold and protocol buffers cannot: half characters."""
    return text.encode(errors="replace").decode()
