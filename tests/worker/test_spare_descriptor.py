"""Reading when nothing can be opened any more."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tbgateway.worker.spare_descriptor import SpareDescriptor


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    """Lower the limit of this process to what it has open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        while True:
            try:
                taken.append(os.open(os.devnull, os.O_RDONLY))
            except OSError as error:
                assert error.errno == errno.EMFILE  # noqa: PT017 - it is what is waited for
                break
        yield
    finally:
        for one in taken:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_file_is_read_again_and_again_without_descriptors(tmp_path: Path) -> None:
    spare, file = SpareDescriptor(), tmp_path / "file"
    file.write_text("text")
    with no_descriptors_left():
        answers = [spare.read(str(file)) for _ in range(3)]
        with pytest.raises(OSError, match="Too many open files"):
            file.read_bytes()

    assert answers == [b"text"] * 3


def test_what_is_wrong_with_a_file_is_told_with_and_without_descriptors(tmp_path: Path) -> None:
    spare = SpareDescriptor()
    with pytest.raises(FileNotFoundError):
        spare.read(str(tmp_path / "none"))
    with no_descriptors_left(), pytest.raises(FileNotFoundError):
        spare.read(str(tmp_path / "none"))
