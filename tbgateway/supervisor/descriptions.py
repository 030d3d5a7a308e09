"""What is said of a board's experiments, written down for its process.

In a directory of its own, which the process may read as a whole: the file is replaced by rename,
so that whoever reads it sees all of the old one or all of the new one.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
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


class Descriptions:
    """One board's file."""

    def __init__(self, board_id: BoardId, means: Means) -> None:
        self.due_at: float | None = None
        """When it is to be written again; None while nothing is known against it."""
        self._board_id = board_id
        self._means = means
        self._complaint = ""

    async def tell(self, links: Mapping[ExperimentId, str]) -> None:
        """Have the file say what the records say of these; a failure is logged and tried again."""
        known = self._means.store.descriptions
        said = {name: known[one] for one, name in links.items() if one in known}
        file = self._means.layout.descriptions(self._board_id)
        self.due_at = None
        try:
            left_out = await asyncio.to_thread(_write, file, said)
        except OSError as error:
            self.due_at = self._means.clock() + _AGAIN
            self._complain(f"{error.strerror}: {file}")
        else:
            self._complain(f"{left_out} experiments are too many to describe" if left_out else "")

    def let_go(self) -> None:
        """Note that nobody reads it any more; it is written anew for the next process."""
        self.due_at = None

    def _complain(self, complaint: str) -> None:
        if complaint and complaint != self._complaint:
            log.warning("descriptions are not shown", board=self._board_id, reason=complaint)
        self._complaint = complaint


def _write(file: Path, said: Said) -> int:
    """Make the file true, unless it is; return how many experiments there was no room for."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    entries = list(_entries(said))
    room = _fitting(entries)
    content = b"{" + b",\n".join(entries[:room]) + b"}\n" if room else b""
    if content != _content(file):
        _replace(file, content)
    return len(entries) - room


def _entries(said: Said) -> Iterator[bytes]:
    """Yield the lines of those who have something to say."""
    for name, one in said.items():
        if one.params or one.tags or one.notes:
            told = {"params": dict(one.params), "tags": one.tags, "notes": one.notes}
            yield f"{_json(name)}: {_json(told)}".encode(errors="replace")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _fitting(entries: list[bytes]) -> int:
    total = 0
    for number, entry in enumerate(entries):
        total += len(entry)
        if total > _MOST:
            return number
    return len(entries)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _replace(file: Path, content: bytes) -> None:
    if not content:
        file.unlink()
        return
    unfinished = file.with_suffix(".new")
    unfinished.write_bytes(content)
    unfinished.chmod(0o600)
    unfinished.replace(file)
