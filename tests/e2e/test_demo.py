"""The demo shows everything, also from a plain installation, and leaves nothing."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from process_tree import assert_gone
from running_gateway import PATIENCE, eventually, fetch

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

VIEWS = {
    "timeseries", "scalars", "custom_scalars", "images", "audio", "graphs", "distributions",
    "histograms", "text", "pr_curves", "hparams", "mesh", "projector",
}  # fmt: skip


def short_lived() -> set[Path]:
    """Return the directories of all demos' sockets, which are not in TMPDIR."""
    return set(Path("/tmp").glob("tbgateway-demo-*"))  # noqa: S108 - looked at only


class Demo:
    def __init__(self, command: list[str], home: Path, listen: str = "127.0.0.1:0") -> None:
        self.home = home
        self.before = short_lived()
        self.scratch = home / "tmp"
        self.scratch.mkdir()
        self.credentials_file = home / "credentials.json"
        self.log = home / "demo.log"
        command += [f"--listen={listen}", f"--credentials-file={self.credentials_file}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env={"PATH": "/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(self.scratch)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home,
                start_new_session=True,
            )

    def credentials(self) -> Any:
        def written() -> Any:
            assert self.process.poll() is None, self.log.read_text()
            return self.credentials_file.exists() and self.credentials_file.read_text()

        return json.loads(eventually(written, what="the demo serves"))

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def check_nothing_is_left(self) -> None:
        assert list(self.scratch.iterdir()) == []
        assert short_lived() <= self.before
        assert not self.credentials_file.exists()
        assert "Traceback" not in self.log.read_text()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo([sys.executable, "-m", "tbgateway", "demo"], tmp_path)
    yield running
    if running.process.poll() is None:
        running.end()


def json_of(board: dict[str, str], path: str) -> Any:
    answer = fetch(board["url"] + path, auth=(board["username"], board["password"]))
    assert answer.status == 200, (path, answer)
    return answer.json()


def active_views(board: dict[str, str]) -> set[str]:
    """Return what TensorBoard shows a tab for; the projector needs a moment to find out."""
    listing = json_of(board, "data/plugins_listing")
    return {name for name, plugin in listing.items() if plugin["enabled"]}


def test_the_demo_has_two_boards_that_show_every_view(demo: Demo) -> None:
    credentials = demo.credentials()
    assert stat.S_IMODE(demo.credentials_file.stat().st_mode) == 0o600
    assert len(credentials["boards"]) == 2
    shown = [
        {run.split("/")[0] for run in json_of(board, "data/runs")}
        for board in credentials["boards"]
    ]
    eventually(
        lambda: set().union(*map(active_views, credentials["boards"])) >= VIEWS,
        what=f"active: {VIEWS}",
    )
    assert all(shown)
    assert shown[0] != shown[1]
    first, second = credentials["boards"]
    stolen = fetch(first["url"] + "data/runs", auth=(second["username"], second["password"]))
    assert stolen.status == 401
    token = {"Authorization": f"Bearer {credentials['admin']['token']}"}
    boards = fetch(credentials["url"] + "/api/v1/boards", headers=token).json()["items"]
    assert {board["name"] for board in boards} == {first["name"], second["name"]}


def test_one_experiment_is_still_being_written_while_you_watch(demo: Demo) -> None:
    credentials = demo.credentials()
    token = {"Authorization": f"Bearer {credentials['admin']['token']}"}

    def sizes() -> dict[str, int]:
        answer = fetch(credentials["url"] + "/api/v1/experiments?limit=1000", headers=token)
        return {one["name"]: one["bytes"] for one in answer.json()["items"]}

    before = sizes()
    eventually(
        lambda: any(size > before[name] for name, size in sizes().items()),
        what="an experiment grew",
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_end_leaves_nothing_behind(demo: Demo, number: signal.Signals) -> None:
    credentials = demo.credentials()
    json_of(credentials["boards"][0], "data/runs")
    left = psutil.Process(demo.process.pid).children(recursive=True)
    assert len(left) >= 2
    assert demo.end(number) == 0, demo.log.read_text()
    assert_gone(left)
    demo.check_nothing_is_left()


def test_ctrl_c_in_a_terminal_reaches_all_processes_and_leaves_nothing_behind(demo: Demo) -> None:
    json_of(demo.credentials()["boards"][0], "data/runs")
    left = psutil.Process(demo.process.pid).children(recursive=True)
    os.killpg(demo.process.pid, signal.SIGINT)
    assert demo.process.wait(PATIENCE) == 0, demo.log.read_text()
    assert_gone(left)
    demo.check_nothing_is_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_end_while_samples_are_written_leaves_nothing_behind(
    demo: Demo, number: signal.Signals
) -> None:
    eventually(lambda: list(demo.scratch.glob("*/runs/*")), what="samples are written")
    assert demo.end(number) == 0, demo.log.read_text()
    demo.check_nothing_is_left()


def test_a_demo_that_cannot_start_leaves_another_ones_credentials_alone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        credentials = tmp_path / "credentials.json"
        credentials.write_text("another's")
        second = Demo([sys.executable, "-m", "tbgateway", "demo"], tmp_path, listen)
        assert second.process.wait(PATIENCE) != 0
    assert credentials.read_text() == "another's"
    assert list(second.scratch.iterdir()) == []
    assert short_lived() <= second.before


def test_the_demo_runs_from_an_installed_wheel(tmp_path: Path) -> None:
    """Only the wheel's own files are there: neither the sources nor the tests."""
    project = Path(__file__).parents[2]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([*build, str(project)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("tbgateway-*.whl")
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    (site_packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    dependencies = next(path for path in map(Path, sys.path) if (path / "aiohttp").is_dir())
    (site_packages / "dependencies.pth").write_text(f"{dependencies}\n")
    home = tmp_path / "home"
    home.mkdir()
    running = Demo([str(python), "-m", "tbgateway", "demo"], home)
    try:
        for board in running.credentials()["boards"]:
            assert json_of(board, "data/runs")
    finally:
        status = running.end()
    assert status == 0, running.log.read_text()
