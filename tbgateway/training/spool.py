"""What could not be told before a script ended: kept for the next one on this machine.

That is which boards an experiment was meant for, and how it ended. Everything else stands in the
directory itself.
"""

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tbgateway.training.claims import claim, release
from tbgateway.training.own_files import write_json

_KEPT = 30 * 86_400.0
"""Seconds after which nobody expects it any more."""
_LONGEST = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """An experiment in `directory` that was meant for `boards` of `gateway`.

    It ended in this `state`, if that was not told, at `ended_at` (Unix seconds).
    """

    gateway: str
    directory: str
    name: str
    boards: tuple[str, ...]
    create_boards: bool
    state: str = ""
    reason: str = ""
    ended_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Spool:
    """A directory with one file for each experiment. Raises OSError where it cannot be written."""

    path: Path

    def put(self, untold: Untold) -> None:
        """Keep it."""
        write_json(self.path / f"{secrets.token_hex(8)}.json", asdict(untold))

    def files(self) -> tuple[Path, ...]:
        """Return the files that are there, of whomever."""
        try:
            return tuple(sorted(self.path.glob("*.json")))
        except OSError:
            return ()

    @contextmanager
    def claimed(self, file: Path) -> Iterator[Untold | None]:
        """Yield what the file holds, which no other script gets meanwhile.

        None if another script has it, or if it is not the user's own. What is too old goes away.
        """
        try:
            descriptor = claim(file)
        except OSError:
            yield None
            return
        try:
            yield self._read(descriptor, file)
        finally:
            release(descriptor)

    def drop(self, file: Path) -> None:
        """Forget it."""
        with suppress(OSError):
            file.unlink()

    def _read(self, descriptor: int, file: Path) -> Untold | None:
        if time.time() - os.fstat(descriptor).st_mtime > _KEPT:
            self.drop(file)
            return None
        try:
            return _untold(json.loads(os.read(descriptor, _LONGEST)))
        except (OSError, ValueError, TypeError, KeyError):
            return None


def _untold(content: dict[str, Any]) -> Untold:
    """Return what was kept. Raise ValueError, TypeError or KeyError if it is not like that."""
    return Untold(
        gateway=str(content["gateway"]),
        directory=str(content["directory"]),
        name=str(content["name"]),
        boards=tuple(map(str, content["boards"])),
        create_boards=bool(content["create_boards"]),
        state=str(content.get("state", "")),
        reason=str(content.get("reason", "")),
        ended_at=float(content.get("ended_at", 0.0)),
    )
