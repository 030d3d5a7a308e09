"""Which changes of event files leave TensorBoard behind: each row was seen with its data server."""

from dataclasses import dataclass

import pytest

from tbgateway.domain.replacement import Mark, Marks, is_outdated, remembered

FIVE = Mark(device=1, inode=7, size=500, modified=100)
TEN = FIVE._replace(size=1000, modified=200)
OTHER = TEN._replace(inode=8)
A, B, ELSEWHERE = "/runs/a/train/x.tfevents", "/runs/a/train/y.tfevents", "/runs/a/val/x.tfevents"


@dataclass(frozen=True)
class Case:
    before: Marks
    now: Marks
    outdated: bool


CASES = {
    "nothing happened": Case({A: FIVE}, {A: FIVE}, outdated=False),
    "it grew": Case({A: FIVE}, {A: TEN}, outdated=False),
    "it was touched": Case({A: FIVE}, {A: FIVE._replace(modified=200)}, outdated=False),
    "another file is new": Case({A: FIVE}, {A: FIVE, B: TEN}, outdated=False),
    "the first files are new": Case({}, {A: FIVE}, outdated=False),
    "a longer one was renamed over it": Case({A: FIVE}, {A: OTHER}, outdated=True),
    "a shorter one was renamed over it": Case({A: TEN}, {A: FIVE._replace(inode=8)}, outdated=True),
    "another of the same size": Case(
        {A: FIVE}, {A: FIVE._replace(inode=8, modified=101)}, outdated=True
    ),
    "the same content on another disk": Case(
        {A: FIVE}, {A: FIVE._replace(device=2)}, outdated=False
    ),
    "a copy with its time": Case({A: FIVE}, {A: FIVE._replace(inode=8)}, outdated=False),
    "it was truncated": Case({A: TEN}, {A: FIVE}, outdated=True),
    "it went from beside another": Case({A: FIVE, B: FIVE}, {B: FIVE}, outdated=True),
    "it was renamed": Case({A: FIVE}, {B: FIVE}, outdated=True),
    "its directory went": Case({A: FIVE, ELSEWHERE: TEN}, {ELSEWHERE: TEN}, outdated=False),
    "everything went": Case({A: FIVE}, {}, outdated=False),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_leaves_tensorboard_behind(case: Case) -> None:
    assert is_outdated(case.before, case.now) is case.outdated


def test_what_comes_back_is_compared_with_what_went() -> None:
    gone = remembered({A: FIVE, ELSEWHERE: TEN}, {ELSEWHERE: TEN})
    assert not is_outdated(gone, {A: TEN, ELSEWHERE: TEN})
    assert is_outdated(gone, {A: OTHER, ELSEWHERE: TEN})
    assert remembered(gone, {A: TEN, ELSEWHERE: TEN}) == {A: TEN, ELSEWHERE: TEN}


def test_a_copy_is_another_file_as_soon_as_it_grows() -> None:
    copied = remembered({A: FIVE}, {A: FIVE._replace(inode=8)})
    assert is_outdated(copied, {A: OTHER})


def test_only_so_many_files_that_went_are_remembered() -> None:
    many = {f"/runs/{number}/x.tfevents": FIVE for number in range(5000)}
    assert len(remembered(many, {})) == 1000
