import json
import os
from pathlib import Path

import pytest

from tbgateway.domain.description import Told
from tbgateway.training.endings import COMPLETED, failed
from tbgateway.training.record_file import NAME, NotOursError, RecordFile, TooLongError

TOLD = Told(params={"lr": 0.1}, tags=("baseline",), notes="# First")


def content(directory: Path) -> object:
    assert [one.name for one in directory.iterdir()] == [NAME]
    return json.loads((directory / NAME).read_text())


def test_a_record_tells_everything_from_begin_to_end(tmp_path: Path) -> None:
    file = RecordFile(tmp_path)
    file.begin(TOLD)
    assert content(tmp_path) == {"params": {"lr": 0.1}, "tags": ["baseline"], "notes": "# First"}
    file.describe(Told(params={"lr": 0.2, "layers": 50}, tags=("baseline", "long")))
    file.end(failed("ValueError: no"), 1763900000.5)
    assert content(tmp_path) == {
        "params": {"lr": 0.2, "layers": 50},
        "tags": ["baseline", "long"],
        "notes": "# First",
        "state": "failed",
        "reason": "ValueError: no",
        "ended_at": 1763900000.5,
    }


def test_what_others_wrote_stays(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(
        '{"params": {"seed": 1}, "tags": ["mine"], "cluster": "a", "notes": "n"}'
    )
    RecordFile(tmp_path).begin(Told(params={"lr": 0.1}, tags=("baseline",)))
    assert content(tmp_path) == {
        "params": {"seed": 1, "lr": 0.1},
        "tags": ["mine", "baseline"],
        "cluster": "a",
        "notes": "n",
    }


def test_an_earlier_end_is_none_of_the_next_time(tmp_path: Path) -> None:
    RecordFile(tmp_path).end(COMPLETED, 1.0)
    RecordFile(tmp_path).begin(Told())
    assert content(tmp_path) == {}


def test_a_script_that_says_nothing_writes_nothing(tmp_path: Path) -> None:
    RecordFile(tmp_path).begin(Told())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("foreign", ["no JSON", "[1]", '"text"', "\x00", "", "{" * 100_000])
def test_what_is_no_record_is_left_alone(tmp_path: Path, foreign: str) -> None:
    (tmp_path / NAME).write_text(foreign)
    with pytest.raises(NotOursError):
        RecordFile(tmp_path).begin(TOLD)
    assert (tmp_path / NAME).read_text() == foreign


def test_links_pipes_and_giants_are_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("{}")
    link = tmp_path / "link"
    link.mkdir()
    (link / NAME).symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        RecordFile(link).begin(TOLD)
    pipe = tmp_path / "pipe"
    pipe.mkdir()
    os.mkfifo(pipe / NAME)
    with pytest.raises(NotOursError):
        RecordFile(pipe).begin(TOLD)
    giant = tmp_path / "giant"
    giant.mkdir()
    (giant / NAME).write_text(json.dumps({"notes": "x" * 2**20}))
    with pytest.raises(NotOursError):
        RecordFile(giant).begin(TOLD)
    assert target.read_text() == "{}"


def test_a_full_disk_leaves_the_record_whole(tmp_path: Path) -> None:
    RecordFile(tmp_path).begin(TOLD)
    before = content(tmp_path)
    with pytest.raises(TypeError):  # as far as the record is concerned, a write that breaks off
        RecordFile(tmp_path).describe(Told(params={"lr": object()}))  # type: ignore[dict-item] # it breaks
    assert content(tmp_path) == before


def test_a_description_never_takes_the_room_of_the_end(tmp_path: Path) -> None:
    file = RecordFile(tmp_path)
    file.end(COMPLETED, 1.0)
    with pytest.raises(TooLongError):
        file.begin(Told(params={f"key {n} {'x' * 180}": "y" * 1000 for n in range(1000)}), "a")
    assert content(tmp_path) == {"name": "a"}
    file.describe(Told(params={f"{n}": "y" * 1000 for n in range(1000)}))
    with pytest.raises(TooLongError):
        file.describe(Told(notes="n" * 65_000))
    file.end(failed("x" * 1000), 2.0)
    said = json.loads((tmp_path / NAME).read_text())
    assert (said["state"], len(said["params"])) == ("failed", 1000)


def test_characters_take_no_more_room_than_they_need(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"cluster": "\\ud800"}')
    RecordFile(tmp_path).begin(Told(notes="ü"))
    assert "ü" in (tmp_path / NAME).read_text(encoding="utf-8")
    assert content(tmp_path) == {"cluster": "\ud800", "notes": "ü"}
