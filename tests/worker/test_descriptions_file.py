"""The file that tells a board what is said of its experiments: good, changed, and broken ones."""

import json
from pathlib import Path

import pytest

from tbgateway.worker.descriptions_file import DescriptionsFile, Told, parse


def put(path: Path, told: object) -> None:
    """Replace the file as the gateway does."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(told if isinstance(told, str) else json.dumps(told))
    unfinished.replace(path)


def test_a_board_without_a_file_is_told_nothing(tmp_path: Path) -> None:
    assert DescriptionsFile("").read().told == {}
    assert DescriptionsFile(str(tmp_path / "later" / "d.json")).read().told == {}


def test_it_is_read_again_when_it_was_replaced_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    file = DescriptionsFile(str(path))
    put(path, {"a": {"params": {"lr": 1}, "tags": ["best"], "notes": "hm"}})
    first = file.read()
    assert first.told == {"a": Told({"lr": 1.0}, ("best",), "hm")}
    assert first.written_at == pytest.approx(path.stat().st_mtime)
    assert file.read() is first

    put(path, {"a": {"params": {"lr": 2}}})
    assert file.read().told == {"a": Told({"lr": 2.0}, (), "")}
    path.unlink()
    assert file.read().told == {}


@pytest.mark.parametrize("broken", ["", "{", "[]", "[" * 100_000, '{"a": ' + "9" * 5000 + "}"])
def test_a_broken_file_is_complained_of_once_and_tells_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    path = tmp_path / "d.json"
    put(path, broken)
    file = DescriptionsFile(str(path))
    assert [file.read().told, file.read().told] == [{}, {}]
    assert capsys.readouterr().err.count("descriptions are left out") == 1
    put(path, {"a": {"notes": "again"}})
    assert file.read().told["a"].notes == "again"


def test_a_file_that_is_far_too_large_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "d.json"
    with path.open("wb") as file:
        file.truncate(2**31)
    assert DescriptionsFile(str(path)).read().told == {}
    assert "is larger than" in capsys.readouterr().err


def test_what_is_wrong_within_it_is_left_out() -> None:
    odd = (
        '{"a": {"params": {"huge": 1e999, "none": null, "list": [1], "not": NaN, "big": 1'
        + "0" * 400
        + ', "half": "\\ud800", "yes": true, "no": 0}, "tags": [1, "t"], "notes": 3},'
        ' "b": 1, "c": {"params": [], "tags": "t"}}'
    )
    assert parse(odd.encode()) == {
        "a": Told({"half": "?", "yes": True, "no": 0.0}, ("t",), ""),
        "c": Told({}, (), ""),
    }
    assert parse(odd.encode())["a"].params["yes"] is True
