"""Log lines on stderr: for people on a terminal, as JSON anywhere else, without secrets."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
_SECRET_WORDS = frozenset({"password", "authorization", "token", "secret", "cookie"})
_HARMLESS_ENDINGS = frozenset({"id", "file"})  # which token, which file: that may be read
_WORD = re.compile(r"[a-z0-9]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class LogSettings(Protocol):
    """What is to be known: the least serious level, and `auto`, `json` or `console`."""

    @property
    def level(self) -> str:
        """The least serious level that is written."""

    @property
    def format(self) -> str:
        """One of `auto`, `json` and `console`."""


class Verbosity:
    """Which events are written at all: for those to whom even asking a logger costs too much."""

    def __init__(self) -> None:
        self.least = logging.NOTSET

    def includes(self, level: int) -> bool:
        """Whether events of the level are written."""
        return level >= self.least


VERBOSITY = Verbosity()
"""That of this process."""


def configure_logging(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's events to `stream`, by default stderr.

    What is bound with `structlog.contextvars` is part of every event of the same task.
    """
    stream = sys.stderr if stream is None else stream
    level = VERBOSITY.least = logging.getLevelNamesMapping()[settings.level.upper()]
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    rendering = _json() if as_json else _console(colors=stream.isatty())
    structlog.configure(
        processors=[*_shared(), *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,  # loggers are made at import, before this is called
    )
    _configure_standard_library(stream, level, rendering)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of keys that speak of passwords, tokens and the like."""
    for key, value in event.items():
        event[key] = _without_secrets(key, value)
    return event


def escape_unprintable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep an event on one line, and a visitor's words from steering the terminal."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _UNPRINTABLE.sub(lambda match: ascii(match[0])[1:-1], value)
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]


def _json() -> list[Processor]:
    return [
        structlog.processors.format_exc_info,  # never with local variables: they hold secrets
        structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
    ]


def _console(*, colors: bool) -> list[Processor]:
    plain = structlog.dev.plain_traceback  # rich's would show local variables
    return [
        escape_unprintable,
        structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain),
    ]


def _configure_standard_library(stream: TextIO, level: int, rendering: list[Processor]) -> None:
    """Let libraries that log in the usual way, asyncio above all, come out the same.

    Their own debugging is never shown: it may quote requests word by word.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_shared()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.INFO), force=True)


def _without_secrets(key: object, value: Any) -> Any:  # noqa: ANN401 - events hold anything
    if _is_secret(str(key)):
        return HIDDEN
    if isinstance(value, Mapping):
        return {inner: _without_secrets(inner, part) for inner, part in value.items()}
    return value


def _is_secret(key: str) -> bool:
    words = _WORD.findall(key.lower())
    return not _SECRET_WORDS.isdisjoint(words) and words[-1] not in _HARMLESS_ENDINGS
