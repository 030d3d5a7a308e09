"""What people install holds everything that pages are made of."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "tbgateway"


@pytest.mark.slow
def test_templates_and_static_files_are_in_the_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())

    needed = [*PACKAGE.glob("rendering/templates/*"), *PACKAGE.glob("*/static/*")]
    assert len(needed) >= 10
    assert {str(path.relative_to(REPOSITORY)) for path in needed} <= packed
