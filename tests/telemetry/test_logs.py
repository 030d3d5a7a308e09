import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from tbgateway.telemetry import configure_logging
from tbgateway.telemetry.logs import VERBOSITY

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Wanted:
    level: str = "info"
    format: str = "json"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    least = VERBOSITY.least
    root.handlers.clear()
    yield
    VERBOSITY.least = least
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def fail(password: str) -> None:
    raise ValueError(f"of {len(password)} letters")


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_object_with_level_and_utc_time(stream: io.StringIO) -> None:
    configure_logging(Wanted(), stream)

    log.info("board started", board="vision", generation=3)

    (event,) = events(stream)
    timestamp = event.pop("timestamp")
    assert timestamp.endswith("Z")
    assert event == {
        "event": "board started",
        "level": "info",
        "board": "vision",
        "generation": 3,
    }


def test_what_is_bound_to_the_context_is_in_every_event(stream: io.StringIO) -> None:
    configure_logging(Wanted(), stream)

    with structlog.contextvars.bound_contextvars(request_id="r1", board="vision"):
        log.info("proxied")
        logging.getLogger("asyncio").warning("slow callback")
    log.info("afterwards")

    proxied, slow, afterwards = events(stream)
    assert (proxied["request_id"], proxied["board"]) == ("r1", "vision")
    assert slow["request_id"] == "r1"
    assert "request_id" not in afterwards


def test_less_serious_events_are_left_out(stream: io.StringIO) -> None:
    configure_logging(Wanted(level="warning"), stream)

    log.info("no")
    logging.getLogger("library").info("no")
    log.warning("yes")

    assert [event["event"] for event in events(stream)] == ["yes"]


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "admin_password",
        "Authorization",
        "Proxy-Authorization",
        "token",
        "secret",
        "Set-Cookie",
        "password_hash",
    ],
)
def test_secrets_are_hidden(key: str, stream: io.StringIO) -> None:
    configure_logging(Wanted(), stream)

    log.info("signed in", **{key: "hunter2"}, headers={key: "hunter2", "nested": {key: "hunter2"}})

    assert "hunter2" not in stream.getvalue()
    assert events(stream)[0][key] == "[hidden]"


def test_names_of_secrets_are_not_hidden(stream: io.StringIO) -> None:
    configure_logging(Wanted(), stream)

    log.info("token made", token_id="5f", admin_password_file="/etc/tb", tokens=3)

    (event,) = events(stream)
    assert event["token_id"] == "5f"
    assert event["admin_password_file"] == "/etc/tb"
    assert event["tokens"] == 3


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("wanted", [Wanted(format="json"), Wanted(format="console")])
def test_an_exception_is_shown_without_local_variables(wanted: Wanted, terminal: bool) -> None:  # noqa: FBT001 - a parameter of the test
    stream = Terminal() if terminal else io.StringIO()
    configure_logging(wanted, stream)

    try:
        fail("-".join(["geheim"] * 2))
    except ValueError:
        log.exception("it failed")
        logging.getLogger("asyncio").exception("it failed too")

    assert stream.getvalue().count("ValueError: of 13 letters") == 2
    assert "geheim-geheim" not in stream.getvalue()


def test_libraries_come_out_the_same(stream: io.StringIO) -> None:
    configure_logging(Wanted(level="debug"), stream)

    logging.getLogger("asyncio").error("task %s died", 7)
    logging.getLogger("aiohttp").debug("every detail")

    (event,) = events(stream)
    assert event["event"] == "task 7 died"
    assert event["logger"] == "asyncio"
    assert event["level"] == "error"


def test_auto_is_for_people_on_a_terminal_and_json_elsewhere(stream: io.StringIO) -> None:
    terminal = Terminal()

    configure_logging(Wanted(format="auto"), terminal)
    log.info("hello", board="vision")
    configure_logging(Wanted(format="auto"), stream)
    log.info("hello", board="vision")

    assert "\x1b[" in terminal.getvalue()
    assert events(stream)[0]["board"] == "vision"


def test_console_text_in_a_file_has_no_colours(stream: io.StringIO) -> None:
    configure_logging(Wanted(format="console"), stream)

    log.info("hello", board="vision")

    assert "\x1b" not in stream.getvalue()
    assert "board=vision" in stream.getvalue()


def test_a_visitors_words_stay_on_their_line(stream: io.StringIO) -> None:
    configure_logging(Wanted(format="console"), stream)

    log.info("not found", path="/a\r\nfake-line\x1b[2J\u2028\x9b", word="grün")

    (line,) = stream.getvalue().splitlines()
    assert r"path=/a\r\nfake-line\x1b[2J\u2028\x9b" in line
    assert "grün" in line


def test_configuring_again_replaces_the_first_time(stream: io.StringIO) -> None:
    configure_logging(Wanted(), io.StringIO())
    configure_logging(Wanted(), stream)

    logging.getLogger("library").warning("once")

    assert len(events(stream)) == 1


@pytest.mark.parametrize(("level", "debugging"), [("debug", True), ("info", False)])
def test_who_asks_beforehand_is_told_what_is_written(level: str, debugging: bool) -> None:  # noqa: FBT001 - a parameter of the test
    configure_logging(Wanted(level=level), io.StringIO())

    assert VERBOSITY.includes(logging.DEBUG) is debugging
    assert VERBOSITY.includes(logging.WARNING)
