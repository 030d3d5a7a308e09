"""Real mounts: one that can be taken away, and one that hangs while its process is stopped."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running_gateway import PATIENCE, eventually


def mount(source: Path, at: Path) -> None:
    """Show the directory `source` at the directory `at`, or skip the test."""
    done = subprocess.run(
        ["mount", "--bind", str(source), str(at)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("mounts are not allowed on this machine")


def unmount(at: Path) -> None:
    """Take away what is mounted there, also from those who look at it."""
    subprocess.run(["umount", "--lazy", str(at)], capture_output=True, check=False)


class FragileMount:
    """A file system of a process: whoever asks it while it hangs waits until it goes on."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Let it hang within the block."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@contextmanager
def fragile_mount(source: Path, at: Path) -> Iterator[FragileMount]:
    """Mount `source` at `at` by such a process, or skip the test."""
    if shutil.which("bindfs") is None:
        pytest.skip("bindfs is not on this machine")
    command = ["bindfs", "-f", "--no-allow-other", str(source), str(at)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: os.path.ismount(at) or process.poll() is not None, what="the mount")
        if process.poll() is not None:
            pytest.skip("mounts are not allowed on this machine")
        yield FragileMount(process)
    finally:
        process.send_signal(signal.SIGCONT)
        unmount(at)
        process.kill()
        process.wait(PATIENCE)
