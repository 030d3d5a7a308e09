import asyncio

import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ExperimentState
from tbgateway.domain.reasons import LONGEST, check_reason
from tbgateway.training.endings import COMPLETED, Ending, checked_ending, ending_of, failed, stopped
from tbgateway.training.signals import Terminated


class SpeechlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize("error", [None, SystemExit(), SystemExit(0), SystemExit(None)])
def test_a_clean_exit_completes(error: BaseException | None) -> None:
    assert ending_of(error) == COMPLETED


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("the loss is NaN"), "ValueError: the loss is NaN"),
        (KeyError("lr"), "KeyError: 'lr'"),
        (MemoryError(), "MemoryError"),
        (SpeechlessError(), "SpeechlessError"),
        (SystemExit(3), "exit status 3"),
        (SystemExit("no data"), "SystemExit: no data"),
        (
            RuntimeError("CUDA error:\n\tout of\x1b[0m memory\n"),
            "RuntimeError: CUDA error: out of [0m memory",
        ),
    ],
)
def test_an_error_fails_with_its_text(error: BaseException, reason: str) -> None:
    assert ending_of(error) == Ending(ExperimentState.FAILED, reason)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (asyncio.CancelledError(), "CancelledError"),
        (GeneratorExit(), "GeneratorExit"),
        (Terminated(143), "SIGTERM"),
        (SystemExit(143), "SIGTERM"),
        (SystemExit(130), "SIGINT"),
    ],
)
def test_what_is_no_error_stops(error: BaseException, reason: str) -> None:
    assert ending_of(error) == stopped(reason)


@pytest.mark.parametrize(
    "text", ["x" * 5000, "\ud800", "a\u2028b", "\0", "", "ü" * 2000, "a\u0085b"]
)
def test_a_reason_is_always_one_that_the_gateway_takes(text: str) -> None:
    for ending in (ending_of(ValueError(text)), failed(text), stopped(text)):
        assert check_reason(ending.reason) == ending.reason
        assert len(ending.reason) <= LONGEST


def test_an_ending_may_be_told_as_an_exception_or_as_itself() -> None:
    assert checked_ending(None) == COMPLETED
    assert checked_ending(stopped("by hand")) == stopped("by hand")
    assert checked_ending(ValueError("no")) == failed("ValueError: no")
    for wrong in ("failed", ValueError, 3):
        with pytest.raises(InvalidInputError, match="is not how an experiment ends"):
            checked_ending(wrong)
