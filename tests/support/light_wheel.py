"""The light wheel, built from the tree, and environments that it is installed into."""

import os
import subprocess
import sys
from pathlib import Path

_SOURCE = Path(__file__).parents[2] / "packaging" / "client"


def build(directory: Path) -> Path:
    """Build the light wheel and return it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=_SOURCE, check=True, capture_output=True)
    (wheel,) = directory.glob("*.whl")
    return wheel


def install(wheel: Path, environment: Path) -> None:
    """Install it into a virtual environment that may have one of the same version."""
    command = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
    command += ["install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    subprocess.run([*command, "--force-reinstall", str(wheel)], check=True)


def bare_environment(directory: Path) -> Path:
    """Make a virtual environment in which nothing is installed, and return it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True)
    return directory


def surroundings(home: Path, **more: str) -> dict[str, str]:
    """Return the environment variables of somebody who knows no gateway but those of `more`."""
    kept = {
        key: text
        for key, text in os.environ.items()
        if not key.startswith(("TBGATEWAY_", "XDG_", "PYTHON", "PIP_", "RANK", "SLURM_"))
    }
    nowhere = {"TBGATEWAY_SOCKET": str(home / "no-control"), "PYTHONUNBUFFERED": "1"}
    return kept | {"HOME": str(home), **nowhere, **more}
