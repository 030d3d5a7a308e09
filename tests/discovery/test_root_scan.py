"""Scans of one root: what hangs is told, what is late comes with a later one."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from experiment_site import EVENTS, write

from tbgateway.discovery import PatientThread, Root, RootScan
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId

MOMENT = 0.05  # seconds
MODULE = "tbgateway.discovery.root_scan"
KNOWN = ExperimentId("ex0000000001")


@pytest.fixture
def back() -> Iterator[threading.Event]:
    """Return what scans that hang wait for."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "runs" / "a" / EVENTS)
    write(tmp_path / "runs" / "b" / EVENTS)
    return tmp_path / "runs"


@pytest.fixture
def scan(root: Path, monkeypatch: pytest.MonkeyPatch, back: threading.Event) -> RootScan:
    """Return scans of it that hang until it is back."""
    for patience in ("PROMPT", "_PATIENCE"):
        monkeypatch.setattr(f"{MODULE}.{patience}", MOMENT)
    made = RootScan("runs", Root(root), 4)
    scan = made.scanner.scan
    monkeypatch.setattr(made.scanner, "scan", lambda *given: back.wait(60) and scan(*given))
    made._pulse._knocking = PatientThread(MOMENT)
    return made


def known(root: Path) -> list[Experiment]:
    return [Experiment(id=KNOWN, root="runs", name="a", path=str(root / "a"), created_at=0.0)]


async def ask(scan: RootScan, root: Path) -> tuple[list[str], str | None]:
    """Return the names found, and the problem of the known experiment."""
    report = await scan.scan(known(root), {str(root / "a")})
    seen = report.measurements.get(KNOWN)
    return [one.name for one in report.found], "unseen" if seen is None else seen.problem


async def test_a_root_that_does_not_answer_is_a_problem_until_it_does(
    scan: RootScan, root: Path, back: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.discovery.root_threads._knock", lambda _: back.wait(60))
    mute = f"its logdir root 'runs' ({root}) does not answer; does its mount hang?"
    for _ in range(3):
        assert await ask(scan, root) == ([], mute)
    assert "busy" in repr(scan)
    back.set()
    # The root may answer again a moment before the scan that hung there has ended.
    while (answer := await ask(scan, root)) in (([], mute), ([], "unseen")):
        await asyncio.sleep(0.001)
    assert answer == (["b"], None)
    assert "resting" in repr(scan)


async def test_a_scan_that_is_late_is_told_later_and_nothing_is_said_of_its_experiments(
    scan: RootScan, root: Path, back: threading.Event
) -> None:
    report = await scan.scan(known(root), ())
    assert report.measurements == {}
    assert [place for place, _ in report.skipped] == [str(root)]
    assert "is slow" in report.skipped[0][1]
    begun_at = scan.begun_at
    back.set()
    while (answer := await ask(scan, root)) == ([], "unseen"):
        await asyncio.sleep(0.001)
    assert (answer, scan.begun_at) == ((["b"], None), begun_at)


async def test_what_is_known_of_another_root_is_not_found(
    scan: RootScan, root: Path, back: threading.Event
) -> None:
    back.set()
    report = await scan.scan((), {str(root / "a")})
    assert [one.name for one in report.found] == ["b"]
