import json
from pathlib import Path

import pytest
from command_line import Streams

from tbgateway.cli.terminal import Output, Terminal, printable
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


def test_on_a_screen_the_widest_column_is_cut(on_screen: Streams) -> None:
    url = f"https://host/{'x' * 200}/"
    on_screen.terminal().table(("NAME", "URL", "STATE"), [("vision", url, "running")])
    row = on_screen.out.getvalue().splitlines()[-1]
    assert (len(row), row[:14], row[-10:]) == (80, "vision  https:", "…  running")


def test_a_narrow_screen_shows_the_first_columns(on_screen: Streams) -> None:
    on_screen.terminal(COLUMNS="20").table((*HEADS, "OWNER"), [("v" * 30, "running", "ada")])
    assert on_screen.out.getvalue().splitlines()[-1] == f"{'v' * 19}…"
    on_screen.out.truncate(0)
    on_screen.terminal(COLUMNS="5").table(HEADS, ROWS)
    assert on_screen.out.getvalue().splitlines()[-2:] == ["visi…", "a"]


def test_in_a_pipe_nothing_is_cut(piped: Streams) -> None:
    url = f"https://host/{'x' * 2000}/"
    piped.terminal(COLUMNS="20").table((*HEADS, "URL"), [("vision", "running", url)])
    assert url in piped.out.getvalue()


@pytest.mark.parametrize("surroundings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}])
def test_who_wants_no_colours_gets_no_escape_codes(
    on_screen: Streams, surroundings: dict[str, str]
) -> None:
    terminal = on_screen.terminal(**surroundings)
    terminal.table(HEADS, ROWS)
    terminal.error(NotFoundError("no", hint="look"))
    assert "\x1b" not in on_screen.out.getvalue() + on_screen.err.getvalue()


def test_a_field_of_several_lines_stays_beside_its_name(piped: Streams) -> None:
    notes = ["one", "", "\x1b[31mtwo"]
    piped.terminal().record({"name": "a\nb", "notes": notes, "empty": "", "no": None, "n": []})
    lines = ["name   a\\nb", "notes  one", "", "       \\x1b[31mtwo"]
    assert piped.out.getvalue().splitlines() == lines


def test_letters_of_two_columns_and_of_none_are_aligned(piped: Streams) -> None:
    piped.terminal().table(HEADS, [("模型", "running"), ("e\u0301te", "running")])
    assert piped.out.getvalue().splitlines()[1:] == ["模型  running", "e\u0301te   running"]


def test_letters_that_a_stream_does_not_know_are_spelled(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as out:
        Terminal.on(Output.TABLE, out, out, {}).say("größe")
    assert (tmp_path / "out").read_text() == "gr\\xf6\\xdfe\n"


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
