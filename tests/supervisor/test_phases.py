"""From what a launcher says to the words that decisions are made on."""

from pathlib import Path

import pytest

from tbgateway.domain.lifecycle import Phase
from tbgateway.launchers.launcher import Exited, Lost, Observation, Pending, Running
from tbgateway.supervisor.phases import phase_of


@pytest.mark.parametrize(
    ("observation", "phase", "reason"),
    [
        (None, Phase.GONE, "its process is not known any more"),
        (Pending("loading"), Phase.PENDING, "loading"),
        (Running(Path("/run/board")), Phase.READY, ""),
        (Exited(1, "exit status 1"), Phase.GONE, "exit status 1"),
        (Exited(-9, "too large", final=True), Phase.SPENT, "too large"),
        (Lost("nobody knows"), Phase.GONE, "nobody knows"),
    ],
)
def test_an_instance_is_in_the_phase_that_the_launcher_saw(
    observation: Observation | None, phase: Phase, reason: str
) -> None:
    assert phase_of(observation, launched=True, before=Phase.PENDING) == (phase, reason)


@pytest.mark.parametrize("before", Phase)
def test_without_an_instance_only_a_failed_launch_is_remembered(before: Phase) -> None:
    failed = {Phase.GONE, Phase.SPENT, Phase.UNREACHABLE}
    expected = before if before in failed else Phase.NONE
    assert phase_of(None, launched=False, before=before) == (expected, "")
