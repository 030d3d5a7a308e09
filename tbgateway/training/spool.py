"""What could not be told before a script ended: kept for the next one on this machine.

That is which boards an experiment was meant for. Everything else stands in the directory itself.
"""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tbgateway.training.own_files import write_json

_KEPT = 30 * 86_400.0
"""Seconds after which nobody expects it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """An experiment in `directory` that was meant for `boards` of `gateway`."""

    gateway: str
    directory: str
    name: str
    boards: tuple[str, ...]
    create_boards: bool


@dataclass(frozen=True, slots=True)
class Spool:
    """A directory with one file for each experiment. Raises OSError where it cannot be written."""

    path: Path

    def put(self, untold: Untold) -> None:
        """Keep it."""
        write_json(self.path / f"{secrets.token_hex(8)}.json", asdict(untold))

    def of(self, gateway: str) -> Iterator[tuple[Path, Untold]]:
        """Yield what was meant for this gateway, each with its file; what is too old goes away."""
        for file in self._files():
            untold = _read(file)
            if untold is not None and untold.gateway == gateway:
                yield file, untold

    def _files(self) -> tuple[Path, ...]:
        try:
            return tuple(sorted(self.path.glob("*.json")))
        except OSError:
            return ()

    def drop(self, file: Path) -> None:
        """Forget it."""
        with suppress(OSError):
            file.unlink()


def _read(file: Path) -> Untold | None:
    try:
        if time.time() - file.stat().st_mtime > _KEPT:
            file.unlink()
            return None
        content = json.loads(file.read_text(encoding="utf-8"))
        return Untold(
            gateway=str(content["gateway"]),
            directory=str(content["directory"]),
            name=str(content["name"]),
            boards=tuple(map(str, content["boards"])),
            create_boards=bool(content["create_boards"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
