import os
from pathlib import Path

import pytest
from experiment_site import EVENTS, TURNS, Site, names, write

from tbgateway.domain.model import ExperimentState


def test_a_running_experiment_is_measured_in_every_scan(site: Site, root: Path) -> None:
    events = write(root / "resnet" / "train" / EVENTS)
    ids = site.adopt(ExperimentState.RUNNING)
    site.clock.now += 1000
    for size in range(11, 11 + 2 * TURNS):
        write(events, size)
        assert site.look().measurements[ids["resnet"]].bytes == size


def test_a_silent_experiment_is_measured_within_six_scans(site: Site, root: Path) -> None:
    for number in range(20):
        write(root / f"run-{number}" / "train" / EVENTS)
    ids = site.adopt()
    site.clock.now += 1000
    for _ in range(TURNS):
        site.look()
    for number in range(20):
        write(root / f"run-{number}" / "train" / EVENTS, 20)
    seen_after = []
    for _ in range(TURNS):
        report = site.look()
        seen_after.append(sum(report.measurements[key].bytes == 20 for key in ids.values()))
    assert seen_after == sorted(seen_after)
    assert 0 < seen_after[0] < 20
    assert seen_after[-1] == 20


def test_an_experiment_that_grew_is_measured_in_the_next_scans_too(site: Site, root: Path) -> None:
    events = write(root / "resnet" / EVENTS)
    ids = site.adopt()
    site.clock.now += 1000
    write(events, 20)
    while site.look().measurements[ids["resnet"]].bytes != 20:
        pass
    for size in (21, 22, 23):
        write(events, size)
        assert site.look().measurements[ids["resnet"]].bytes == size


def test_a_new_directory_is_found_at_the_next_scan(site: Site, root: Path) -> None:
    write(root / "old" / EVENTS)
    site.adopt()
    site.clock.now += 1000
    site.look()
    write(root / "new" / "train" / EVENTS)
    assert names(site.look()) == ["new"]


def test_a_directory_that_gets_its_first_event_late_is_found_within_six_scans(
    site: Site, root: Path
) -> None:
    (root / "queued" / "train").mkdir(parents=True)
    site.look()
    site.clock.now += 1000
    for _ in range(TURNS):
        assert names(site.look()) == []
    write(root / "queued" / "train" / EVENTS)
    found = [names(site.look()) for _ in range(TURNS)]
    assert ["queued"] in found


def test_a_file_system_that_keeps_no_directory_times_is_read_again_after_a_while(
    site: Site, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / "resnet" / EVENTS)
    fixed = os.lstat(root)
    real = os.lstat

    def frozen(path: str) -> os.stat_result:
        return fixed if path == str(root) else real(path)

    monkeypatch.setattr("tbgateway.discovery.candidates.os.lstat", frozen)
    site.adopt()
    write(root / "bert" / EVENTS)
    assert names(site.look()) == []
    site.clock.now += 600
    assert names(site.look()) == ["bert"]
