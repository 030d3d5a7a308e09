"""What cannot be installed for tests is left out with a note: it breaks nothing."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ADDITIONS = {
    "gradient": "gradient",
    "tensorflow": "tensorflow",
    "plugins": "third-party-plugins",
}
NO_VENV = "exit 1"
NO_DIRECTORY = "exit 0"
NO_PACKAGES = '[ "$2" = venv ] && exec mkdir "$4"; exit 1'
ALL = '[ "$2" = venv ] && exec mkdir "$4"; exit 0'


def _installed_with(python: str, script: str, venv: Path) -> "subprocess.CompletedProcess[str]":
    (venv / "bin").mkdir(parents=True)
    program = venv / "bin" / "python"
    program.write_text(f"#!/bin/sh\n{python}\n")
    program.chmod(0o755)
    return subprocess.run(
        [ROOT / "tests" / "setup" / f"{script}.sh", venv],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("python", [NO_VENV, NO_DIRECTORY, NO_PACKAGES])
@pytest.mark.parametrize("script", ADDITIONS)
def test_what_cannot_be_installed_is_noted_and_left_out(
    tmp_path: Path, script: str, python: str
) -> None:
    done = _installed_with(python, script, tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "note: " in done.stderr
    assert "skipped" in done.stderr
    assert not (tmp_path / ADDITIONS[script]).exists()


@pytest.mark.parametrize("script", ["gradient", "tensorflow"])
def test_what_can_be_installed_is_remembered_by_its_lock(tmp_path: Path, script: str) -> None:
    assert "note: " not in _installed_with(ALL, script, tmp_path / "first").stderr
    installed = tmp_path / "first" / ADDITIONS[script] / "installed.lock"
    assert installed.read_bytes() == (ROOT / "tests" / "setup" / f"{script}.lock").read_bytes()
