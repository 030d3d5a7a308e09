"""What `tbgateway.experiment` costs a training: the time of its steps with and without it.

Both take turns in one process, as pairs whose order alternates, so that what else the machine does
meets both alike. Once the gateway answers, once it was killed and is looked for all the time. A
step is a small product of matrices and one scalar that tensorboardX writes. Told are the processor
time of the whole process, our thread included, and the time on the clock. Printed is the median of
the pairs' ratios, with the middle half of them; the reference is the same step without us.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a step is then one thread's work

import numpy as np
from report import Row, note, show
from running_gateway import RunningGateway
from tensorboardX import SummaryWriter

import tbgateway

GOAL = 1.01
"""Ratio that nobody would notice."""
Seconds = tuple[float, float]
Begin = Callable[[], AbstractContextManager[object]]
_LEASE = 10.0  # seconds; the shortest there is, for the most heartbeats
_SIZE = 96  # of the matrices


class Steps:
    """A training of so many steps, again and again."""

    def __init__(self, logdir: Path, number: int) -> None:
        self._number = number
        self._weights = np.random.default_rng(0).random((_SIZE, _SIZE))
        self._writer = SummaryWriter(str(logdir))

    def seconds(self) -> tuple[float, float]:
        """Return what they took: of the processor, and on the clock."""
        began = time.process_time(), time.perf_counter()
        for step in range(self._number):
            loss = float((self._weights @ self._weights).mean())
            self._writer.add_scalar("loss", loss, step)
        return time.process_time() - began[0], time.perf_counter() - began[1]

    def close(self) -> None:
        """Write the rest."""
        self._writer.close()


@contextmanager
def steps_in(number: int) -> Iterator[Steps]:
    """Yield a training that writes to a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="tbgateway-bench-") as directory:
        steps = Steps(Path(directory), number)
        yield steps
        steps.close()


def pairs(number: int, steps: Steps, begin: Begin) -> tuple[list[Seconds], list[Seconds]]:
    """Return what it took with and without an experiment, pair by pair."""
    with_it: list[Seconds] = []
    without: list[Seconds] = []
    for pair in range(number):
        for active in (True, False) if pair % 2 else (False, True):
            with begin() if active else nullcontext():
                (with_it if active else without).append(steps.seconds())
    return with_it, without


def rows(when: str, number: int, steps: int, begin: Begin) -> list[Row]:
    """Measure, and tell the spread."""
    with steps_in(steps) as training:
        training.seconds()  # to warm up
        with_it, without = pairs(number, training, begin)
    return [
        row(f"{what} of a step, gateway {when}", steps, ours, reference)
        for what, ours, reference in zip(
            ("CPU", "time"), zip(*with_it, strict=True), zip(*without, strict=True), strict=True
        )
    ]


def row(what: str, steps: int, with_it: Sequence[float], without: Sequence[float]) -> Row:
    """Compare what is measured in pairs."""
    ratios = [ours / reference for ours, reference in zip(with_it, without, strict=True)]
    low, _, high = quantiles(ratios, n=4)
    note(
        f"{what}: ratio {median(ratios):.4f}, middle half {low:.4f} to {high:.4f},"
        f" of {len(ratios)} pairs of {steps} steps"
    )
    reference = median(without) * 1e6 / steps
    return Row(
        what=what, ours=median(ratios) * reference, reference=reference, unit="us", target=GOAL
    )


def main() -> None:
    """Measure both, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=24)
    parser.add_argument("--steps", type=int, default=6000)
    chosen = parser.parse_args()
    logging.getLogger("tbgateway").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="tbgateway-bench-") as directory:
        home = Path(directory)
        (home / "runs").mkdir()
        os.environ |= {"HOME": str(home), "XDG_STATE_HOME": "", "XDG_CACHE_HOME": ""}
        with RunningGateway(home / "gateway", [home / "runs"]) as gateway:
            url = f"unix:{gateway.control}"

            def begin() -> AbstractContextManager[object]:
                return tbgateway.experiment("bench", url=url, resume=True, lease=_LEASE)

            up = rows("up", chosen.pairs, chosen.steps, begin)
            gateway.kill()
            gone = rows("killed", chosen.pairs, chosen.steps, begin)
    show("A training's step with an experiment, against the same without", [*up, *gone])


if __name__ == "__main__":
    main()
