"""A stock `tensorboard` process: the reference that boards are compared with."""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from running_gateway import PATIENCE, eventually, fetch

_URL = re.compile(rb"http://[^/\s]+:(\d+)/")


class StockTensorBoard:
    """`tensorboard --logdir DIR --load_fast=true` on a port of its own choosing."""

    def __init__(self, logdir: Path) -> None:
        self.logdir = logdir
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = tempfile.TemporaryDirectory(prefix="stock-tensorboard-")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it says where it listens."""
        said = Path(self._scratch.name) / "stderr"
        flags = ["--load_fast=true", "--host=127.0.0.1", "--port=0", f"--logdir={self.logdir}"]
        with said.open("wb") as stderr:
            self._process = subprocess.Popen(
                [Path(sys.executable).parent / "tensorboard", *flags],
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env={"PATH": "/usr/bin:/bin", "TMPDIR": self._scratch.name, "HOME": "/nonexistent"},
            )
        match = eventually(lambda: _URL.search(said.read_bytes()), what="stock starts", every=0.005)
        self.url = f"http://127.0.0.1:{int(match.group(1))}"

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None
        self._scratch.cleanup()

    def get(self, path: str) -> Any:
        """Return the JSON at `path`."""
        answer = fetch(self.url + path)
        assert answer.status == 200, (path, answer)
        return answer.json()

    def settled_runs(self, quiet: float = 1.5) -> list[str]:
        """Return the run list once it did not change for `quiet` seconds: stock tells no end."""
        runs: list[str] = []
        since = time.monotonic()
        while time.monotonic() - since < quiet:
            now = sorted(self.get("/data/runs"))
            if now != runs:
                runs, since = now, time.monotonic()
            time.sleep(0.1)
        return runs


# Plugins whose points can be asked for by run and tag, and where.
_POINTS = {
    "scalars": "scalars",
    "histograms": "histograms",
    "distributions": "distributions",
    "images": "images",
    "audio": "audio",
    "text": "text",
}


def tags(get: Any) -> list[tuple[str, str, str]]:
    """Return every (plugin, run, tag) that `get(path)` knows, scalars first."""
    found = []
    for plugin in _POINTS:
        listing = get(f"/data/plugin/{plugin}/tags")
        found += [(plugin, run, tag) for run in sorted(listing) for tag in sorted(listing[run])]
    return found


def points_path(plugin: str, run: str, tag: str) -> str:
    """Return where the points of one tag are asked for."""
    return f"/data/plugin/{plugin}/{_POINTS[plugin]}?{urlencode({'run': run, 'tag': tag})}"


def comparable(points: Any) -> Any:
    """Return points without the keys of blobs: these hold the run's name, so they differ."""
    return json.loads(re.sub(r'"(blob_key|query)": "[^"]*"', '"\\1": ""', json.dumps(points)))
