"""Notes that would keep TensorBoard's Markdown busy, and those that would not."""

import pytest
from told_dashboards import to_html

from tbgateway.worker.notes_markdown import bearable, literally

ENDLESS = ("[", "![", "[a](b", "<a ", "<http://a", "```\n")
MOST = 65_536


@pytest.mark.parametrize(
    "notes",
    [
        "",
        "# Plan\n\nTry *everything*, see [the list](https://example.org).",
        "\n\n".join(["See [one](https://a.b/c) and [two](https://a.b/c), <br> then go on."] * 900),
        "\n".join(["- [link](https://example.org/some/page)"] * 200),
        "a" * MOST,
    ],
)
def test_what_people_write_is_markdown(notes: str) -> None:
    assert bearable(notes) == notes


@pytest.mark.parametrize("part", ENDLESS)
def test_what_would_take_minutes_is_shown_as_it_stands(part: str) -> None:
    notes = part * (MOST // len(part))
    html = to_html(bearable(notes))
    assert html.startswith("<pre><code>")
    escaped = part.strip().replace("<", "&lt;")
    assert html.count(escaped) >= notes.count(part.strip())


def test_no_run_of_backticks_ends_the_block_of_code_early() -> None:
    notes = "[" * 9000 + "\n`````\n# No headline\n"
    html = to_html(bearable(notes))
    assert "<h1>" not in html
    assert "# No headline" in html


@pytest.mark.parametrize(
    "tag",
    [
        "a*b*c",
        "<b>bold</b>",
        "[x](javascript:alert(1))",
        "# 1",
        "`code`",
        "a_b_c",
        "1. a",
        "a|b",
        "~x: y",
    ],
)
def test_a_tag_is_shown_letter_by_letter(tag: str) -> None:
    shown = to_html(literally(tag))
    as_text = tag.replace("<", "&lt;").replace(">", "&gt;")
    assert shown == f"<p>{as_text}</p>"
