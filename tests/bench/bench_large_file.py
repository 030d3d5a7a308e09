"""Opening a board on one very large event file, against stock `tensorboard` on the same file.

The file is as large ones are: mostly images, with scalars in between. Asserts nothing.

    python tests/bench/bench_large_file.py [--rounds N] [--megabytes N]
"""

import argparse
import itertools
import os
import struct
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import numpy as np
from bench_open import opening
from event_writer import write_scalars
from report import note, show
from tensorboardX import SummaryWriter

_STEPS = 2000
_SIDE = 590  # pixels; noise of three bytes each, which no compression makes smaller: a megabyte
_LENGTH = struct.Struct("<Q")
_AROUND = 16  # bytes of a record beside its data: length and two checksums
_TARGETS = (1.0, None)  # of stock's wall and CPU


def records(path: Path) -> Iterator[bytes]:
    """Yield an event file's records as they are, with lengths and checksums."""
    content, start = path.read_bytes(), 0
    while start < len(content):
        end = start + _LENGTH.unpack_from(content, start)[0] + _AROUND
        yield content[start:end]
        start = end


def only_file(directory: Path) -> Path:
    """Return the one file in it."""
    (path,) = directory.iterdir()
    return path


def image_record(scratch: Path) -> bytes:
    """Return a record that holds an image of a megabyte."""
    pixels = np.frombuffer(os.urandom(3 * _SIDE * _SIDE), np.uint8)
    with SummaryWriter(str(scratch)) as writer:
        writer.add_image("noise", pixels.reshape(3, _SIDE, _SIDE), 0)
    return max(records(only_file(scratch)), key=len)


def write_large(home: Path, megabytes: int) -> Path:
    """Write one run whose only file is so large; return the logdir."""
    write_scalars(home / "scalars", {"loss": [1 / (step + 1) for step in range(_STEPS)]})
    image = image_record(home / "image")
    scalars = tuple(records(only_file(home / "scalars")))
    run = home / "logdir" / "large" / "train"
    run.mkdir(parents=True)
    images = megabytes * 10**6 // len(image)
    with (run / "events.out.tfevents.1700000000.host").open("wb") as file:
        for number, scalar in enumerate(scalars):
            file.write(scalar)
            due = images * (number + 1) // len(scalars) - images * number // len(scalars)
            file.writelines(itertools.repeat(image, due))
    return home / "logdir"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="one very large event file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        logdir = write_large(home, options.megabytes)
        note(f"one event file of {sum(one.stat().st_size for one in logdir.rglob('*events*')):,} B")
        rows = opening("one file", logdir, options.rounds, home / "gateways", _TARGETS)
    show("A very large event file", rows)


if __name__ == "__main__":
    main()
