import math
import os
from pathlib import Path

import pytest
from raw_events import EVENTS, event, framed, scalar_records, simple, tensor, write_records

from tbgateway import eventfiles
from tbgateway.domain.series import Digest, Series
from tbgateway.scalars import reader_process
from tbgateway.worker import scalar_experiment
from tbgateway.worker.record_file import Allowance
from tbgateway.worker.scalar_experiment import ScalarExperiment
from tbgateway.worker.scalar_messages import decode_answer, encode_answer

PLENTY = 1 << 30


class Reading:
    """An experiment that is read as its files are at that moment."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.known = ScalarExperiment()

    def turn(self, size: int = PLENTY) -> Digest:
        paths = sorted(self.home.rglob("*tfevents*"))
        files = [(str(path.parent.relative_to(self.home)), str(path)) for path in paths]
        complete = self.known.read(files, Allowance(size, 1e9))
        return self.known.told("ex1", complete=complete).digest

    def last(self) -> dict[tuple[str, str], float]:
        return {(one.run, one.tag): one.last for one in self.turn().series}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path)) / "resnet"


@pytest.fixture
def reading(home: Path) -> Reading:
    return Reading(home)


def test_every_run_has_its_own_series(home: Path, reading: Reading) -> None:
    write_records(home, scalar_records("loss", 3.0, 1.0, 2.0))
    write_records(home / "eval", scalar_records("loss", 5.0), scalar_records("lr", 0.5))
    digest = reading.turn()
    assert digest == Digest(
        (
            Series(".", "loss", ((0.0, 3.0), (1.0, 1.0), (2.0, 2.0)), 2.0, 2, 1.0, 3.0, 3),
            Series("eval", "loss", ((0.0, 5.0),), 5.0, 0, 5.0, 5.0, 1),
            Series("eval", "lr", (), 0.5, 0, 0.5, 0.5, 1),
        )
    )


def test_a_run_goes_on_in_its_next_file(home: Path, reading: Reading) -> None:
    write_records(home, scalar_records("loss", 3.0, 2.0))
    assert reading.last() == {(".", "loss"): 2.0}
    write_records(home, scalar_records("loss", 1.0, first_step=2), name=f"{EVENTS}.v2")
    (series,) = reading.turn().series
    assert series.points == ((0, 3.0), (1, 2.0), (2, 1.0))


def test_a_restarted_run_drops_what_it_does_again(home: Path, reading: Reading) -> None:
    write_records(home, scalar_records("loss", 3.0, 2.0, -9.0))
    reading.turn()
    write_records(home, scalar_records("loss", 1.5, first_step=2), name=f"{EVENTS}.v2")
    (series,) = reading.turn().series
    assert series.points == ((0, 3.0), (1, 2.0), (2, 1.5))
    assert (series.lowest, series.count) == (1.5, 3)


def test_scalars_of_tensorflow_2_are_read_on(home: Path, reading: Reading) -> None:
    write_records(home, framed(event(0, tensor("a", plugin="scalars", dtype=1, float_val=[1]))))
    assert reading.last() == {(".", "a"): 1.0}
    write_records(home, framed(event(1, tensor("a", dtype=1, float_val=[2]))))
    write_records(home, framed(event(1, tensor("b", dtype=1, float_val=[2]))))
    assert reading.last() == {(".", "a"): 2.0}


def test_a_loss_that_became_nan_is_told(home: Path, reading: Reading) -> None:
    write_records(home, scalar_records("loss", 3.0, 2.0, math.nan))
    (series,) = reading.turn().series
    assert math.isnan(series.last)
    assert (series.lowest, series.highest, series.last_step) == (2.0, 3.0, 2)


def test_a_truncated_file_is_read_anew(home: Path, reading: Reading) -> None:
    path = write_records(home, scalar_records("loss", 3.0, 2.0, 1.0))
    reading.turn()
    path.write_bytes(scalar_records("loss", 9.0))
    digests = [reading.turn(), reading.turn()]
    assert digests[-1].complete
    assert [(one.last, one.count) for one in digests[-1].series] == [(9.0, 1)]


def test_a_replaced_file_lets_all_files_be_read_anew(home: Path, reading: Reading) -> None:
    write_records(home / "a", scalar_records("loss", 3.0))
    path = write_records(home / "b", scalar_records("loss", 3.0, 2.0))
    reading.turn()
    new = write_records(home, scalar_records("loss", 7.0, 8.0, 9.0), name="new")
    new.rename(path)
    assert not reading.turn().complete
    assert reading.last() == {("a", "loss"): 3.0, ("b", "loss"): 9.0}
    assert reading.turn().complete


def test_a_file_that_is_gone_takes_its_values_with_it(home: Path, reading: Reading) -> None:
    write_records(home / "a", scalar_records("loss", 3.0))
    reading.turn()
    weight = reading.known.weight
    path = write_records(home / "b", scalar_records("loss", 2.0))
    reading.turn()
    assert reading.known.weight > weight
    path.unlink()
    reading.turn()
    assert reading.last() == {("a", "loss"): 3.0}
    assert reading.known.weight == weight


def test_damage_is_told_and_the_other_files_are_read(home: Path, reading: Reading) -> None:
    good = scalar_records("loss", 3.0)
    write_records(home / "a", good, b"x" * 100)
    write_records(home / "b", scalar_records("loss", 2.0))
    flaw = f"'a/{EVENTS}' is damaged at byte {len(good)}; what follows is not read"
    for _ in range(2):
        digest = reading.turn()
        assert (digest.flaw, digest.complete) == (flaw, True)
        assert [one.last for one in digest.series] == [3.0, 2.0]


def test_a_payload_that_is_no_event_is_passed_over(home: Path, reading: Reading) -> None:
    write_records(home, framed(b"\xff" * 20), scalar_records("loss", 3.0))
    assert reading.last() == {(".", "loss"): 3.0}
    assert reading.turn().flaw == ""


def test_a_large_experiment_takes_several_turns(home: Path, reading: Reading) -> None:
    for run in "abc":
        write_records(home / run, scalar_records("loss", *map(float, range(5000))))
    turns = [reading.turn(size=200_000)]
    while not turns[-1].complete:
        turns.append(reading.turn(size=200_000))
    assert len(turns) > 3
    counts = [sum(series.count for series in digest.series) for digest in turns]
    assert counts == sorted(counts)
    assert counts[-1] == 15_000
    assert [series.last for series in turns[-1].series] == [4999.0] * 3


def test_a_hundred_series_are_kept_those_seen_first(home: Path, reading: Reading) -> None:
    values = [simple(f"tag-{number:03}", number) for number in range(150)]
    write_records(home, framed(event(0, *values)))
    write_records(home, framed(event(1, simple("tag-007", 70.0))))
    series = reading.turn().series
    assert [one.tag for one in series] == [f"tag-{number:03}" for number in range(100)]
    assert series[7].last == 70.0


def test_the_foremost_series_are_kept_however_late_they_come(home: Path, reading: Reading) -> None:
    norms = [simple(f"grad_norm/{number:03}", number) for number in range(120)]
    for step in range(3):
        values = [*norms, simple("train/loss", 9.0 - step), simple("val/loss", 7.0 - step)]
        write_records(home, framed(event(step, *values)))
    main, held_out, *others = reading.turn().series
    assert (main.tag, main.points) == ("train/loss", ((0, 9.0), (1, 8.0), (2, 7.0)))
    assert (held_out.tag, held_out.points) == ("val/loss", ((0, 7.0), (1, 6.0), (2, 5.0)))
    assert [one.tag for one in others] == [f"grad_norm/{number:03}" for number in range(98)]
    assert {one.count for one in others} == {3}


def test_what_is_not_drawn_is_told_as_exactly(home: Path, reading: Reading) -> None:
    values = [float((step * 7919) % 1009) for step in range(3000)]
    for tag in ("a", "b", "loss", "val/loss"):
        write_records(home, scalar_records(tag, *values, first_step=1))
    for one in reading.turn().series:
        told = (one.last, one.last_step, one.lowest, one.highest, one.count)
        assert told == (values[-1], 3000, 0.0, 1008.0, 3000), one.tag


def test_a_file_that_is_not_named_any_more_where_there_are_many_keeps_its_values(
    home: Path, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scalar_experiment.LONGEST_LIST == eventfiles._MOST_FILES
    monkeypatch.setattr(scalar_experiment, "LONGEST_LIST", 2)
    paths = [write_records(home / run, scalar_records("loss", 3.0)) for run in "abc"]
    files = [(path.parent.name, str(path)) for path in paths]
    read = reading.known.read
    assert read(files[1:], Allowance(PLENTY, 1e9))
    assert read(files[:2], Allowance(PLENTY, 1e9)), "nothing is read anew"
    assert len(reading.known.told("ex1", complete=True).digest.series) == 3
    paths[2].unlink()
    assert not read(files[:2], Allowance(PLENTY, 1e9)), "this one is gone"
    assert len(reading.known.told("ex1", complete=True).digest.series) == 2


def test_names_of_any_length_can_be_told(home: Path) -> None:
    worst = "\x01" * 497
    for run in ("\N{PILE OF POO}" * 1000, "\x01" * 1000):
        tags = (f"{worst}{number:03}" for number in range(120))
        path = write_records(home, framed(event(0, *(simple(tag, 1e-300) for tag in tags))))
        known = ScalarExperiment()
        assert known.read([(run, str(path))], Allowance(PLENTY, 1e9))
        answer = known.told("ex1", complete=True)
        assert len(answer.digest.series) == 100
        line = encode_answer(answer)
        assert len(line) < reader_process._LONGEST_LINE
        assert decode_answer(line) == answer


def test_a_run_whose_name_is_too_long_is_left_out(home: Path, reading: Reading) -> None:
    path = write_records(home, scalar_records("loss", 3.0))
    assert reading.known.read([("r" * 1001, str(path))], Allowance(PLENTY, 1e9))
    digest = reading.known.told("ex1", complete=True).digest
    assert digest.series == ()
    assert "its run's name is too long" in digest.flaw


def test_a_flaw_is_told_in_short(home: Path, reading: Reading) -> None:
    path = write_records(home, b"x" * 100)
    reading.known.read([("\x01" * 1000, str(path))], Allowance(PLENTY, 1e9))
    answer = reading.known.told("ex1", complete=True)
    assert len(answer.digest.flaw) == 1000
    assert decode_answer(encode_answer(answer)) == answer


def test_only_the_foremost_series_are_told_with_points(home: Path, reading: Reading) -> None:
    for tag in ("lr", "accuracy", "loss", "val_loss"):
        write_records(home, scalar_records(tag, 1.0, 2.0))
    drawn = [one.tag for one in reading.turn().series if one.points]
    assert drawn == ["loss", "val_loss"]


def test_a_pipe_is_not_waited_for(home: Path, reading: Reading) -> None:
    write_records(home, scalar_records("loss", 3.0))
    os.mkfifo(home / f"a.{EVENTS}")
    assert reading.last() == {(".", "loss"): 3.0}


def test_a_link_is_not_followed_wherever_it_stands(home: Path, reading: Reading) -> None:
    other = home.parent / "other"
    write_records(other, scalar_records("secret", 3.0))
    home.mkdir()
    (home / EVENTS).symlink_to(other / EVENTS)
    (home / "run").symlink_to(other)
    files = [(".", str(home / EVENTS)), ("run", str(home / "run" / EVENTS))]
    reading.known.read(files, Allowance(PLENTY, 1e9))
    assert reading.known.told("ex1", complete=True).digest.series == ()


def test_a_file_that_is_not_there_any_more_is_no_flaw(home: Path, reading: Reading) -> None:
    complete = reading.known.read([(".", str(home / EVENTS))], Allowance(PLENTY, 1e9))
    answer = reading.known.told("ex1", complete=complete)
    assert (answer.digest, answer.denied) == (Digest(), False)


@pytest.mark.parametrize("name", [b"\xff.tfevents", b"\xc2\x85.tfevents"])
def test_a_name_that_is_no_text_can_be_told(home: Path, reading: Reading, name: bytes) -> None:
    write_records(home, b"x" * 100, name=os.fsdecode(name))
    flaw = reading.turn().flaw
    assert "damaged at byte 0" in flaw
    flaw.encode()
