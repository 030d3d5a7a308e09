"""`tbgateway.json` beside the event files: what a script says, where every gateway can read it.

What others wrote into it stays. A file that is no such record is left as it is.
"""

import json
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from tbgateway.domain.description import Told
from tbgateway.training.endings import Ending

NAME = "tbgateway.json"
_LONGEST = 1024 * 1024
_OF_AN_END = ("state", "reason", "ended_at")
Content = dict[str, object]


class NotOursError(Exception):
    """The file holds something else; it was not changed."""


class RecordFile:
    """The record in one directory. Raises OSError and NotOursError."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME

    def begin(self, told: Told) -> None:
        """Say what is told at first; an end of an earlier time is taken away."""

        def begun(content: Content) -> Content:
            kept = {key: value for key, value in content.items() if key not in _OF_AN_END}
            return _described(kept, told)

        self._change(begun)

    def describe(self, told: Told) -> None:
        """Add what is told later."""
        self._change(lambda content: _described(content, told))

    def end(self, ending: Ending, ended_at: float) -> None:
        """Say how it ended, and when (Unix seconds)."""
        over = {"state": str(ending.state), "reason": ending.reason, "ended_at": ended_at}
        self._change(lambda content: {**content, **over})

    def _change(self, change: Callable[[Content], Content]) -> None:
        before = self._read()
        after = change(before)
        if after != before:
            self._write(after)

    def _read(self) -> Content:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return {}
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST:
                raise NotOursError(f"{self._path} is no regular file of at most 1 MiB")
            return self._parsed(file.read(_LONGEST))

    def _parsed(self, text: bytes) -> Content:
        try:
            content = json.loads(text)
        except ValueError as error:
            raise NotOursError(f"{self._path} holds no JSON") from error
        if not isinstance(content, dict):
            raise NotOursError(f"{self._path} holds no JSON object")
        return content

    def _write(self, content: Content) -> None:
        temporary = self._path.with_name(f".{NAME}.{secrets.token_hex(4)}")
        try:
            with temporary.open("x", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
                file.write("\n")
            temporary.replace(self._path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _described(content: Content, told: Told) -> Content:
    """Return the content with what is told, whose words win."""
    params, tags = content.get("params"), content.get("tags")
    added: Content = {}
    if told.params:
        added["params"] = {**(params if isinstance(params, Mapping) else {}), **told.params}
    if told.tags:
        kept = tags if isinstance(tags, list) else []
        added["tags"] = [*kept, *(tag for tag in told.tags if tag not in kept)]
    if told.notes is not None:
        added["notes"] = told.notes
    return {**content, **added}
