import io
from pathlib import Path

import pytest

from tbgateway.cli.described import NOTHING_SAID, Said
from tbgateway.domain.errors import InvalidInputError

SaidOptions = Said.__origin__  # the class behind the annotation


def test_who_says_nothing_says_nothing() -> None:
    assert NOTHING_SAID.params() == {}
    assert NOTHING_SAID.tags() == ()
    assert NOTHING_SAID.words() is None


def test_parameters_and_tags_are_read_and_tags_said_twice_are_said_once() -> None:
    said = SaidOptions(param=["lr=0.1", "model=vit"], tag=["a", "b", "a"])
    assert said.params() == {"lr": 0.1, "model": "vit"}
    assert said.tags() == ("a", "b")


def test_a_parameter_has_one_value() -> None:
    with pytest.raises(InvalidInputError, match="'lr' is given twice"):
        SaidOptions(param=["lr=0.1", "lr=0.2"]).params()


def test_tags_that_are_joined_by_commas_are_told_apart() -> None:
    with pytest.raises(InvalidInputError, match="it holds a comma") as refused:
        SaidOptions(tag=["a, b c"]).tags()
    assert refused.value.hint == "Give each by itself: --tag a --tag 'b c'"


def test_notes_come_from_a_file_or_from_stdin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.md").write_text("# Fine\n\nüber", encoding="utf-8")
    assert SaidOptions(notes_file=tmp_path / "notes.md").words() == "# Fine\n\nüber"
    monkeypatch.setattr("sys.stdin", io.StringIO("piped"))
    assert SaidOptions(notes_file=Path("-")).words() == "piped"
    assert SaidOptions(notes="").words() == ""


def test_notes_that_cannot_be_read_are_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff")
    for file, reason in ((tmp_path / "latin", "UTF-8"), (tmp_path / "none", "No such file")):
        with pytest.raises(InvalidInputError, match=reason) as refused:
            SaidOptions(notes_file=file).words()
        assert "stdin" in refused.value.hint
    with pytest.raises(InvalidInputError, match="two sources"):
        SaidOptions(notes="a", notes_file=tmp_path / "latin").words()
