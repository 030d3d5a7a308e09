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
_ROOM_FOR_AN_END = 8192
# both in bytes
_OF_AN_END = ("state", "reason", "ended_at")
Content = dict[str, object]


class NotOursError(Exception):
    """The file holds something else; it was not changed."""


class TooLongError(Exception):
    """The file would become longer than gateways read; this was not written."""


class RecordFile:
    """The record in one directory. Raises OSError, NotOursError and TooLongError.

    What is told of an experiment never takes the room that its end needs.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME

    def begin(self, told: Told, name: str = "") -> None:
        """Say what is told at first; an end of an earlier time is taken away.

        The name stays that was said first.
        """

        def begun(content: Content) -> Content:
            kept = {key: value for key, value in content.items() if key not in _OF_AN_END}
            return {"name": name, **kept} if name else kept

        try:
            self._change(lambda content: _described(begun(content), told), _ROOM_FOR_AN_END)
        except TooLongError:
            self._change(begun)
            raise

    def describe(self, told: Told) -> None:
        """Add what is told later."""
        self._change(lambda content: _described(content, told), _ROOM_FOR_AN_END)

    def name(self) -> str | None:
        """Return the name that was said first."""
        name = self._read().get("name")
        return name if isinstance(name, str) else None

    def end(self, ending: Ending, ended_at: float) -> None:
        """Say how it ended, and when (Unix seconds)."""
        over = {"state": str(ending.state), "reason": ending.reason, "ended_at": ended_at}
        self._change(lambda content: {**content, **over})

    def _change(self, change: Callable[[Content], Content], room: int = 0) -> None:
        before = self._read()
        after = change(before)
        if after == before:
            return
        text = _text(after)
        if len(text) > _LONGEST - room:
            raise TooLongError(f"{self._path} would be longer than 1 MiB")
        self._write(text)

    def _read(self) -> Content:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return {}
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST:
                raise NotOursError(f"{self._path} is no regular file of at most 1 MiB")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return self._parsed(file.read(_LONGEST))
        finally:
            os.close(descriptor)

    def _parsed(self, text: bytes) -> Content:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise NotOursError(f"{self._path} holds no JSON") from error
        if not isinstance(content, dict):
            raise NotOursError(f"{self._path} holds no JSON object")
        return content

    def _write(self, text: bytes) -> None:
        temporary = self._path.with_name(f".{NAME}.{secrets.token_hex(4)}")
        try:
            with temporary.open("xb") as file:
                file.write(text)
            temporary.replace(self._path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def name_in(directory: Path) -> str | None:
    """Return what the experiment in the directory is called; None if nothing there says so."""
    try:
        return RecordFile(directory).name()
    except (OSError, NotOursError):
        return None


def _text(content: Content) -> bytes:
    """Return the content as JSON; half a character, which UTF-8 cannot hold, is escaped."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")


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
