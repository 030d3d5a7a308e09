"""A gateway of somebody who is not root, with all that it needs."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from event_writer import write_scalars
from running_gateway import RunningGateway

NOBODY = 65534
PROJECT = Path(__file__).parents[2]


@contextmanager
def ordinary_gateway(settings: Mapping[str, str] | None = None) -> Iterator[RunningGateway]:
    """Run a gateway of an ordinary user: of the user `nobody`, if the tests run as root.

    It has the experiment `first` below `runs` in its home.
    """
    user = NOBODY if os.getuid() == 0 else None
    paths = [str(PROJECT), *(path for path in sys.path if path.endswith("site-packages"))]
    environment = {"PYTHONPATH": ":".join(paths), "HOME": "/nonexistent", **(settings or {})}
    python = interpreter(environment, user)
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        write_scalars(home / "runs" / "first", {"loss": [1.0, 0.5]})
        for path in [home, *home.rglob("*")]:
            os.chown(path, user if user is not None else -1, -1)
        with RunningGateway(
            home, [home / "runs"], environment=environment, python=python, user=user
        ) as running:
            yield running


def interpreter(environment: dict[str, str], user: int | None) -> str:
    """Return a Python of this version that the user may execute."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(name, path="/usr/bin:/usr/local/bin")):
        command = [str(python), "-c", "import aiohttp, tensorboard, tbgateway"]
        try:
            subprocess.run(
                command, user=user, env=environment, cwd="/", check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return str(python)
    pytest.skip("the interpreter is not readable for another user")
