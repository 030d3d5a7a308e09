import pytest
from command_line import Run
from running_api import RunningApi
from started_command import on_terminal

UNWANTED = {"no-color": {"NO_COLOR": "1"}, "dumb": {"TERM": "dumb"}}


@pytest.fixture(params=UNWANTED)
def surroundings(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the environment of somebody who wants plain text."""
    return UNWANTED[request.param]


@pytest.mark.parametrize(
    "words",
    [("--help",), ("board", "create", "--help"), ("bord",), ("board", "show", "x"), ("version",)],
)
def test_help_and_errors_on_a_terminal_are_plain_if_that_is_wanted(
    words: tuple[str, ...], surroundings: dict[str, str]
) -> None:
    with on_terminal(*words, **surroundings) as command:
        _, shown = command.ended()
    assert "tbgateway" in shown
    assert "\x1b" not in shown


def test_help_on_a_terminal_is_coloured_otherwise() -> None:
    with on_terminal("--help") as command:
        assert "\x1b[" in command.ended()[1]


def test_tables_on_a_terminal_are_plain_if_that_is_wanted(
    gateway: RunningApi, surroundings: dict[str, str]
) -> None:
    gateway.client.boards.create("vision", ["first"])
    with on_terminal("board", "list", **surroundings) as command:
        code, shown = command.ended()
    assert (code, "vision" in shown, "\x1b" in shown) == (0, True, False)


def test_a_dumb_terminal_is_told_the_phases_line_by_line(gateway: RunningApi) -> None:
    gateway.client.boards.create("vision", ["first"])
    with on_terminal("board", "start", "vision", "--wait", TERM="dumb") as command:
        code, shown = command.ended()
    assert (code, "\x1b" in shown) == (0, False)
    assert "first: " in shown


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("words", [("--help",), ("board", "list"), ("experiment", "show", "none")])
def test_what_goes_into_a_pipe_is_plain(tbgateway: Run, words: tuple[str, ...]) -> None:
    done = tbgateway(*words)
    assert done.out + done.err
    assert "\x1b" not in done.out + done.err
