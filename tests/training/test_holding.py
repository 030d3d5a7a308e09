import fcntl
import os
from pathlib import Path

import pytest

from tbgateway.training.holding import hold


def test_a_directory_that_is_held_is_held_once(tmp_path: Path) -> None:
    held = hold(tmp_path)
    assert held is not None
    assert hold(tmp_path) is None
    held.release()
    held.release()
    again = hold(tmp_path)
    assert again is not None
    assert not list(tmp_path.iterdir())


def test_who_forgets_a_hold_releases_it(tmp_path: Path) -> None:
    assert hold(tmp_path) is not None
    assert hold(tmp_path) is not None


def test_a_forked_child_neither_holds_nor_releases_it(tmp_path: Path) -> None:
    held = hold(tmp_path)
    assert held is not None
    child = os.fork()  # noqa: TID251 - a training's own child
    if child == 0:
        held.release()
        os._exit(0 if hold(tmp_path) is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert hold(tmp_path) is None


def test_a_file_system_without_locks_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert hold(tmp_path) is not None
    assert hold(tmp_path) is not None
    assert hold(tmp_path / "gone") is not None
