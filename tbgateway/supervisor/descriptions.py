"""What is said of a board's experiments, written down for its process.

In a directory of its own, which the process may read as a whole: the file is replaced by rename,
so that whoever reads it sees all of the old one or all of the new one.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from tbgateway.domain.model import Description
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.means import Means

log = structlog.get_logger(__name__)

_AGAIN = 5.0  # seconds until what could not be written is tried again
_MOST = 16 * 2**20  # bytes; each process that reads them has them in memory

Said = Mapping[str, Description]
"""Descriptions by the name of the experiment's link."""
_Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Written:
    """What was said when the file was made true, and which file that was."""

    said: Said
    signature: _Signature | None
    left_out: int


class Descriptions:
    """One board's file."""

    def __init__(self, board_id: BoardId, means: Means) -> None:
        self.due_at: float | None = None
        """When it is to be written again; None while nothing is known against it."""
        self._board_id = board_id
        self._means = means
        self._complaint = ""
        self._written: _Written | None = None

    async def tell(self, links: Mapping[ExperimentId, str]) -> None:
        """Have the file say what the records say of these; a failure is logged and tried again."""
        known = self._means.store.descriptions
        said = {name: known[one] for one, name in links.items() if one in known}
        file = self._means.layout.descriptions(self._board_id)
        self.due_at = None
        try:
            self._written = await asyncio.to_thread(_make_true, file, said, self._written)
        except OSError as error:
            self._written = None
            self.due_at = self._means.clock() + _AGAIN
            self._complain(f"{error.strerror}: {file}")
        else:
            left_out = self._written.left_out
            self._complain(f"{left_out} experiments are too many to describe" if left_out else "")

    def let_go(self) -> None:
        """Note that nobody reads it any more; it is written anew for the next process."""
        self.due_at = None
        self._written = None

    def _complain(self, complaint: str) -> None:
        if complaint and complaint != self._complaint:
            log.warning("descriptions are not shown", board=self._board_id, reason=complaint)
        self._complaint = complaint


def _make_true(file: Path, said: Said, last: _Written | None) -> _Written:
    """Have the file say it, unless it does; nothing is made of what was `said` the last time."""
    if last is not None and said == last.said and _sign(file) == last.signature:
        return last
    file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    telling = {name: one for name, one in said.items() if one.params or one.tags or one.notes}
    content, told = _encoded(telling.items())
    if not _holds(file, content):
        _replace(file, content)
    return _Written(said, _sign(file), len(telling) - told)


def _encoded(telling: Iterable[tuple[str, Description]]) -> tuple[bytearray, int]:
    """Return the file's content, and of how many experiments there was room for."""
    content, told = bytearray(), 0
    for name, one in telling:
        entry = _entry(name, one)
        if len(content) + len(entry) > _MOST:
            break
        content += b",\n" if told else b"{"
        content += entry
        told += 1
    if told:
        content += b"}\n"
    return content, told


def _entry(name: str, one: Description) -> bytes:
    told = {"params": dict(one.params), "tags": one.tags, "notes": one.notes}
    return f"{_json(name)}: {_json(told)}".encode(errors="replace")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sign(file: Path) -> _Signature | None:
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _holds(file: Path, content: bytearray) -> bool:
    """Whether the file is as it is to be; none is as good as nothing."""
    signature = _sign(file)
    if signature is None:
        return not content
    return bool(content) and signature[1] == len(content) and file.read_bytes() == content


def _replace(file: Path, content: bytearray) -> None:
    if not content:
        file.unlink()
        return
    unfinished = file.with_suffix(".new")
    unfinished.write_bytes(content)
    unfinished.chmod(0o640)  # a host of boards, if there is one, is in the group
    unfinished.replace(file)
