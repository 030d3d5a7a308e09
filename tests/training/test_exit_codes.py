import signal

import pytest

from tbgateway.training.exit_codes import after_signal, name_of, signal_told_by


@pytest.mark.parametrize("number", sorted(signal.valid_signals()))
def test_a_signal_is_told_by_an_exit_code_and_has_a_name(number: int) -> None:
    assert signal_told_by(after_signal(number)) == number
    assert name_of(number) in {f"signal {number}", getattr(number, "name", None)}


@pytest.mark.parametrize("code", [0, 1, 127, 128, 128 + 65, 255])
def test_other_exit_codes_tell_of_none(code: int) -> None:
    assert signal_told_by(code) is None


def test_signals_without_a_name_have_their_number() -> None:
    assert (name_of(signal.SIGTERM), name_of(40)) == ("SIGTERM", "signal 40")
