import threading

from tbgateway.training.patience import result_within


def test_what_comes_in_time_is_returned() -> None:
    assert result_within(60, lambda: 3) == 3


def test_what_does_not_come_is_left_behind() -> None:
    going_on = threading.Event()
    assert result_within(0.0, lambda: going_on.wait(60)) is None
    going_on.set()


def test_what_fails_is_nothing() -> None:
    assert result_within(60, lambda: 1 // 0) is None
