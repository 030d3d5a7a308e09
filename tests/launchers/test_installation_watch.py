"""What counts as another TensorBoard, and when."""

import os
import sys
import time
from pathlib import Path

import pytest

from tbgateway.launchers.installation import Installation
from tbgateway.launchers.installation_watch import InstallationWatch

LONG_AGO = time.time() - 3600


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    os.utime(tmp_path, (LONG_AGO, LONG_AGO))
    return tmp_path


@pytest.fixture
def watch(site: Path) -> InstallationWatch:
    begun = InstallationWatch(Installation(["late-plugin"]))
    assert site.is_dir()
    assert not begun.changed()
    assert not begun.stirred()
    return begun


def install(site: Path, name: str, version: str, *, changed_at: float = LONG_AGO) -> None:
    directory = site / f"{name}-{version}.dist-info"
    directory.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (directory / "METADATA").write_text(metadata)
    (directory / "entry_points.txt").write_text("[tensorboard_plugins]\nlate = late:Plugin\n")
    (directory / "RECORD").write_text(f"{directory.name}/METADATA,,\n")
    os.utime(directory / "METADATA", (changed_at, changed_at))
    os.utime(site, (changed_at + 1, changed_at + 1))


def test_an_allowed_plugin_is_a_change_once(site: Path, watch: InstallationWatch) -> None:
    install(site, "late_plugin", "1.0")
    assert watch.stirred()
    assert watch.changed()
    assert not watch.changed()
    assert not watch.stirred()


def test_what_no_board_loads_is_none(site: Path, watch: InstallationWatch) -> None:
    install(site, "something_else", "1.0")
    assert watch.stirred()
    assert not watch.changed()
    assert not watch.stirred()


def test_the_same_version_installed_again_is_a_change(site: Path, watch: InstallationWatch) -> None:
    install(site, "late_plugin", "1.0")
    assert watch.changed()
    metadata = site / "late_plugin-1.0.dist-info" / "METADATA"
    os.utime(metadata, (LONG_AGO + 60, LONG_AGO + 60))
    assert watch.changed()


def test_a_directory_in_the_path_that_always_changes_hides_no_installation(
    site: Path, watch: InstallationWatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    busy = tmp_path_factory.mktemp("busy")
    sys.path.append(str(busy))  # the fixture puts the whole list back
    soon = time.time() + 0.5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: soon)
        os.utime(busy, (soon, soon))
        assert not watch.changed()
        install(site, "late_plugin", "1.0")
        os.utime(busy, (soon, soon))
        assert watch.changed()


def test_an_installer_that_still_writes_is_waited_for(site: Path, watch: InstallationWatch) -> None:
    # A time to come cannot be told from now by a test that is slow, so the clock is ahead.
    now = time.time()
    install(site, "late_plugin", "1.0", changed_at=now - 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: now + 0.5)
        assert not watch.changed()
        assert watch.stirred()
        patch.setattr(time, "time", lambda: now + 60)
        assert watch.changed()
