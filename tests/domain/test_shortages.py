"""Which errors tell that the machine is short of something."""

import errno
import os

import pytest

from tbgateway.domain.shortages import shortage_in, shortage_in_start

LACKING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)


@pytest.mark.parametrize("number", LACKING)
def test_what_is_lacking_is_named(number: int) -> None:
    error = OSError(number, os.strerror(number))
    assert shortage_in(error) == shortage_in_start(error) == os.strerror(number)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOENT, "gone"), TimeoutError(), RuntimeError("x")]
)
def test_other_errors_are_no_shortage(error: Exception) -> None:
    assert shortage_in(error) == ""


def test_a_full_queue_is_no_shortage_but_too_many_processes_are() -> None:
    error = BlockingIOError(errno.EAGAIN, "try again")
    assert shortage_in(error) == ""
    assert shortage_in_start(error) == "too many processes"
    assert shortage_in(RuntimeError("can't start new thread")) == "too many processes"
