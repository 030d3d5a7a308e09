import os
from pathlib import Path

import pytest

import tbgateway
from tbgateway.domain.description import Told
from tbgateway.domain.errors import InvalidInputError
from tbgateway.training.wanted import checked_boards, checked_directory, checked_told


class Wordless:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


WRONG = {
    "name": {"name": "../elsewhere"},
    "no name": {"name": 3},
    "an invisible name": {"name": "a\u200b"},
    "boards": {"boards": ["Vision!"]},
    "a board that is no text": {"boards": [3]},
    "params": {"params": {"a=b": 1}},
    "no params": {"params": [1]},
    "tags": {"tags": ["a,b"]},
    "a tag that is no text": {"tags": [None]},
    "notes": {"notes": "\0"},
    "lease": {"lease": 1},
    "no lease": {"lease": "long"},
    "logdir": {"logdir": 3},
    "url": {"url": "gateway:8300"},
    "token_file": {"token_file": "/nowhere/token"},
    "a name without words": {"name": Wordless()},
    "boards that are no list": {"boards": 5},
    "tags that are no list": {"tags": 5},
    "a tag without words": {"tags": [Wordless()]},
    "an empty logdir": {"logdir": ""},
    "a blank logdir": {"logdir": " "},
    "a logdir with a null": {"logdir": "a\0b"},
    "a logdir that is no UTF-8": {"logdir": os.fsdecode(b"/runs/\xff")},
    "a url that is no text": {"url": 5},
    "a token_file that is no path": {"token_file": 5},
    "a token_file with a null": {"token_file": "a\0b"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_told_at_the_call(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        tbgateway.experiment(**{"name": "resnet", **wrong})  # type: ignore[arg-type] # all are wrong
    assert caught.value.hint


def test_one_board_and_one_tag_need_no_list() -> None:
    assert checked_boards("vision") == ("vision",)
    assert checked_told(None, "baseline", None).tags == ("baseline",)


def test_what_is_said_twice_counts_once() -> None:
    assert checked_boards(["vision", "vision", "tb0123456789"]) == ("vision", "tb0123456789")
    assert checked_told({}, ["a", "a"], "").tags == ("a",)


def test_a_directory_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")
    assert checked_directory("runs/a") == tmp_path / "runs" / "a"
    assert checked_directory("~/runs") == Path("/home/ada/runs")
    assert checked_directory(None) is None


def test_none_is_nothing() -> None:
    assert checked_boards(None) == ()
    assert checked_told(None, None, None) == Told()
    assert tbgateway.experiment("a", boards=None, tags=None, notes=None).name == "a"
