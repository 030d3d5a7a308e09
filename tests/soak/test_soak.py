"""Boards are made, changed, visited, put to sleep, woken and deleted: nothing grows by it.

SOAK says for how many seconds; `make soak` takes half an hour.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import psutil
import pytest
from event_writer import write_scalars
from process_tree import board_processes, processes
from running_gateway import RunningGateway, eventually

from tbgateway.webassets import Library, read_installed, rewrite
from tbgateway.webassets.brotli_shelf import BrotliShelf

pytestmark = pytest.mark.slow
SECONDS = float(os.environ.get("SOAK", "30"))
WARM_UP = 3  # rounds; what is made once, lazily, is there by then
LOOKS = 10  # at a process's descriptors
LEAST = 8  # rounds that are compared
MOST_FILES = 4.0  # by how much anything may grow from the first third of the rounds to the last:
MOST_THREADS = 3.0  # a leak of one in each round is more
MOST_MEMORY = 8.0  # MiB


@dataclass(frozen=True)
class Sample:
    """What a process holds while no board runs; memory in MiB.

    Descriptors are the fewest of some looks: those of a board that just ended, and of requests
    just answered, are closed a moment later. Memory is what is resident: what is private alone
    jumps by half with each child that comes or goes, because the forkserver's pages are its
    children's too.
    """

    files: int
    threads: int
    memory: float

    @classmethod
    def of(cls, process: psutil.Process) -> "Sample":
        files = min(fewer_later(process))
        memory = process.memory_info().rss / 2**20
        return cls(files, process.num_threads(), memory)


def fewer_later(process: psutil.Process) -> Iterator[int]:
    """Yield how many descriptors a process has, some times within a second."""
    for _ in range(LOOKS):
        yield process.num_fds()
        time.sleep(1 / LOOKS)


def growth(values: Sequence[float]) -> float:
    """Return by how much the last third stands above the first, whatever single values say."""
    third = len(values) // 3
    return statistics.median(values[-third:]) - statistics.median(values[:third])


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    """Return a gateway whose boards soon sleep."""
    for name in ("first", "second", "third"):
        write_scalars(tmp_path / "runs" / name / "train", {"loss": [1.0, 0.5]})
    compress_web_files(tmp_path / "g" / "state" / "assets")
    environment = {"TBGATEWAY_BOARDS__IDLE_TIMEOUT": "1"}
    with RunningGateway(tmp_path / "g", [tmp_path / "runs"], environment=environment) as gateway:
        yield gateway


def compress_web_files(shelf: Path) -> None:
    """Do what a first gateway does beside its work, for half a minute and with much memory."""
    library = Library(rewrite(read_installed()))
    made = BrotliShelf(shelf, library.fingerprint)
    for asset in library.assets():
        if asset.compressible:
            made.put(asset, brotli.compress(asset.unpacked(), quality=1))


def change(gateway: RunningGateway, path: str, body: Any = None, method: str = "POST") -> None:
    answer = gateway.admin(f"/api/v1/boards{path}", body, method=method)
    assert answer.status < 300, answer


def until_listed(gateway: RunningGateway, board: str, *runs: str) -> None:
    wanted = [f"{run}/train" for run in runs]
    eventually(lambda: gateway.runs(board) == wanted, what=f"{board} lists {wanted}", every=0.02)


def until_asleep(gateway: RunningGateway) -> None:
    eventually(lambda: not board_processes(gateway), what="all boards sleep", every=0.02)


def one_round(gateway: RunningGateway, number: int) -> None:
    """Live two boards' lives."""
    changed, idle = f"changed-{number}", f"idle-{number}"
    for name in (changed, idle):
        change(gateway, "", {"name": name, "experiments": ["first"]})
        until_listed(gateway, name, "first")
    change(gateway, f"/{changed}/experiments", {"add": ["second", "third"]})
    until_listed(gateway, changed, "first", "second", "third")
    change(gateway, f"/{changed}/experiments", {"remove": ["second"]})
    until_listed(gateway, changed, "first", "third")
    with suppress(psutil.NoSuchProcess):
        for one in board_processes(gateway)[:1]:
            one.kill()
    until_asleep(gateway)
    until_listed(gateway, idle, "first")
    change(gateway, f"/{changed}/stop")
    change(gateway, f"/{changed}/start")
    for name in (changed, idle):
        change(gateway, f"/{name}", method="DELETE")
    until_asleep(gateway)


def soak(gateway: RunningGateway) -> dict[str, list[Sample]]:
    """Return samples of each round after the warm-up."""
    watched = the_watched(gateway)
    samples: dict[str, list[Sample]] = {name: [] for name in watched}
    ends = time.monotonic() + SECONDS
    number = 0
    while time.monotonic() < ends or number < WARM_UP + LEAST:
        one_round(gateway, number)
        number += 1
        for name, process in watched.items():
            samples[name].append(Sample.of(process))
    return {name: all_of[WARM_UP:] for name, all_of in samples.items()}


def the_watched(gateway: RunningGateway) -> dict[str, psutil.Process]:
    """Return the gateway's process and the forkserver's."""
    own, *others = processes(gateway)
    (forkserver,) = (one for one in others if is_forkserver(one))
    return {"gateway": own, "forkserver": forkserver}


def is_forkserver(process: psutil.Process) -> bool:
    """Whether this is `python -m tbgateway.worker`."""
    return "tbgateway.worker" in process.cmdline()


FIGURES: dict[str, tuple[Callable[[Sample], float], float]] = {
    "files": (lambda sample: sample.files, MOST_FILES),
    "threads": (lambda sample: sample.threads, MOST_THREADS),
    "memory": (lambda sample: sample.memory, MOST_MEMORY),
}


def test_nothing_grows_however_many_boards_come_and_go(gateway: RunningGateway) -> None:
    for process, all_of in soak(gateway).items():
        for figure, (value, most) in FIGURES.items():
            values = [value(sample) for sample in all_of]
            told = f"{process}: {figure} {values[0]:.1f} → {values[-1]:.1f}, {len(values)} rounds"
            sys.stdout.write(f"{told}\n")
            assert growth(values) <= most, (process, figure, values)
