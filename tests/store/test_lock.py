import os
import subprocess
import sys
from pathlib import Path

import pytest

from tbgateway.domain.errors import ConflictError
from tbgateway.store.lock import StateLock

HOLD = """
import sys
from pathlib import Path
from tbgateway.store.lock import StateLock
lock = StateLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_and_told_the_pid(tmp_path: Path) -> None:
    lock = StateLock(tmp_path / "gateway.lock")

    with pytest.raises(ConflictError) as refused:
        StateLock(tmp_path / "gateway.lock")

    assert f"pid {os.getpid()}" in refused.value.detail
    assert str(tmp_path) in refused.value.detail
    lock.release()


def test_after_release_the_next_one_may_hold_it(tmp_path: Path) -> None:
    StateLock(tmp_path / "gateway.lock").release()
    StateLock(tmp_path / "gateway.lock").release()


def test_the_death_of_its_holder_releases_it(tmp_path: Path) -> None:
    path = tmp_path / "gateway.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ConflictError, match=f"pid {holder.pid}"):
            StateLock(path)
        holder.kill()
        holder.wait()

    StateLock(path).release()


def test_a_child_of_the_holder_does_not_inherit_it(tmp_path: Path) -> None:
    path = tmp_path / "gateway.lock"
    lock = StateLock(path)
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        lock.release()

        StateLock(path).release()

        child.kill()
