"""A test that is skipped in CI fails, unless its reason is on the one list."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


@pytest.mark.parametrize(
    ("reason", "ci", "status"),
    [
        ("nobody felt like it", "true", 1),
        ("nobody felt like it", "false", 0),
        ("the shared corpus is not on this machine", "true", 0),
    ],
)
@pytest.mark.parametrize("how", ["call", "mark"])
def test_a_skip_in_ci_needs_a_reason_from_the_list(
    tmp_path: Path, how: str, reason: str, ci: str, status: int
) -> None:
    for name in ("conftest.py", "allowed_skips.txt"):
        shutil.copy(TESTS / name, tmp_path / name)
    skip = {"call": "", "mark": f"@pytest.mark.skip(reason={reason!r})\n"}[how]
    body = f"pytest.skip({reason!r})" if how == "call" else "pass"
    test = f"import pytest\n\n{skip}def test_something() -> None:\n    {body}\n"
    (tmp_path / "test_something.py").write_text(test)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "CI": ci}, capture_output=True, check=False
    )
    assert done.returncode == status, done.stdout.decode()
