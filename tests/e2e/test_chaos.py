"""Nothing that was answered is lost, whatever is killed; and the harness would notice it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
CHAOS = Path(__file__).parent.parent / "chaos" / "chaos.py"


SLACK = 20  # on a busy machine everything takes longer; `make chaos` takes none


def unleash(**numbers: int) -> "subprocess.CompletedProcess[str]":
    nothing = {"kills": 0, "boards": 0, "stops": 0, "forkservers": 0, "reference": 0}
    counts = {**nothing, "slack": SLACK, **numbers}
    flags = [f"--{name}={number}" for name, number in counts.items()]
    return subprocess.run(
        [sys.executable, CHAOS, *flags], capture_output=True, text=True, timeout=170, check=False
    )


def test_killed_gateways_lose_nothing_that_they_answered() -> None:
    done = unleash(kills=4, lanes=2)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gateways: good" in done.stdout


def test_killed_boards_and_forkservers_come_back_and_hang_nobody() -> None:
    done = unleash(boards=3, forkservers=1)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "boards: good" in done.stdout


def test_the_harness_finds_what_a_file_rewritten_in_place_loses() -> None:
    done = unleash(reference=200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "harness: good" in done.stdout
