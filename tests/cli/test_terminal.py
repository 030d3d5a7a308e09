import json

from command_line import Streams

from tbgateway.cli.terminal import Output, printable
from tbgateway.domain.errors import NotFoundError

HEADS = ("NAME", "STATE")
ROWS = [("vision", "running"), ("a", "sleeping")]


def test_a_table_in_a_pipe_is_plain_aligned_text(piped: Streams) -> None:
    piped.terminal().table(HEADS, ROWS)
    assert piped.out.getvalue() == "NAME    STATE\nvision  running\na       sleeping\n"


def test_a_table_on_a_screen_has_a_line_below_its_heads(on_screen: Streams) -> None:
    on_screen.terminal().table(HEADS, ROWS)
    assert "──" in on_screen.out.getvalue()
    assert "\x1b[1m" in on_screen.out.getvalue()


def test_what_is_wider_than_the_screen_is_printed_whole(on_screen: Streams) -> None:
    url = f"https://host/{'x' * 200}/"
    on_screen.terminal().table((*HEADS, "URL"), [("vision", "running", url)])
    assert url in on_screen.out.getvalue()


def test_no_color_is_respected(on_screen: Streams) -> None:
    on_screen.terminal(NO_COLOR="1").table(HEADS, ROWS)
    assert "\x1b[3" not in on_screen.out.getvalue()


def test_markup_in_names_is_text(on_screen: Streams) -> None:
    on_screen.terminal().table(HEADS, [("[red]vision[/red]", ":smile:")])
    assert "[red]vision[/red]" in on_screen.out.getvalue()
    assert ":smile:" in on_screen.out.getvalue()


def test_control_characters_of_others_do_not_reach_the_terminal(piped: Streams) -> None:
    terminal = piped.terminal()
    terminal.table(HEADS, [("\x1b]0;owned\x07", "\x9b31m")])
    terminal.record({"name": "a\nb"})
    terminal.error(NotFoundError("no \x1b[2J", hint="line one\nline two"))
    printed = piped.out.getvalue() + piped.err.getvalue()
    assert not {"\x1b", "\x07", "\x9b"} & set(printed)
    assert "a\\nb" in printed
    assert "hint: line one\nline two\n" in printed


def test_records_leave_out_what_is_empty(piped: Streams) -> None:
    piped.terminal().record({"name": "vision", "username": None, "reason": ""})
    assert piped.out.getvalue() == "name  vision\n"


def test_errors_say_what_was_wrong_and_what_to_do(piped: Streams) -> None:
    piped.terminal().error(NotFoundError("There is no board 'x'.", hint="See: …"))
    assert piped.err.getvalue() == "error: There is no board 'x'.\nhint: See: …\n"


def test_errors_are_json_for_programs(piped: Streams) -> None:
    piped.terminal(Output.JSON).error(NotFoundError("There is no board 'x'.", hint="See: …"))
    assert json.loads(piped.err.getvalue()) == {
        "code": "not-found",
        "title": "Not found",
        "detail": "There is no board 'x'.",
        "hint": "See: …",
        "command": "",
    }


def test_remarks_are_for_people_only(piped: Streams) -> None:
    piped.terminal(Output.JSON).remark("empty")
    assert piped.err.getvalue() == ""
    piped.terminal().remark("empty")
    assert piped.err.getvalue() == "empty\n"


def test_printable_keeps_letters_of_all_languages() -> None:
    assert printable("größe 模型\t", keep="\t") == "größe 模型\t"
    assert printable("a\u202eb\udcff") == "a\\u202eb\\udcff"
