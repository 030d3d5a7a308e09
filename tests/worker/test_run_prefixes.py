"""Runs that Time Series would take for parts of another one."""

import pytest

from tbgateway.worker.run_prefixes import sessions_apart


@pytest.mark.parametrize(
    ("runs", "apart"),
    [
        (["exp1", "exp1/train", "other"], {}),
        (["exp10", "exp10/train"], {"exp10": "-", "exp10/train": "-"}),
        (["exp1/a/2", "exp1/a2"], {"exp1/a2": "exp1's"}),
        (["exp", "ex"], {}),
        (["told1", "told11"], {"told11": "-"}),
    ],
)
def test_they_get_the_session_that_they_lie_below_or_an_empty_one(
    runs: list[str], apart: dict[str, str]
) -> None:
    sessions = {"exp1": "exp1's", "exp1/a": "a's", "told1": "told1's"}
    assert sessions_apart(sessions, runs, "-") == apart
