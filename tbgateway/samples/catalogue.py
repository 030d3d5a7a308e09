"""All sample experiments, and the boards they are meant for."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tbgateway.samples import language, live, solids, speech, sweep, vision
from tbgateway.samples.sample import Sample

_HOUR = 3600.0
_Write = Callable[[Path, float], None]

_CATALOGUE: tuple[tuple[str, str, _Write, float], ...] = (
    ("resnet-50-baseline", "vision", partial(vision.write, recipe=vision.BASELINE), 26.0),
    ("resnet-50-cosine", "vision", partial(vision.write, recipe=vision.COSINE), 3.0),
    ("optimizer-sweep", "vision", sweep.write, 20.0),
    ("point-cloud-autoencoder", "vision", solids.write, 9.0),
    (live.NAME, "vision", live.write_history, 0.0),
    ("audio-denoiser", "speech-and-text", speech.write, 1.5),
    ("word-embeddings", "speech-and-text", language.write, 49.0),
)
"""Name, board, what writes it, and how many hours ago it ended."""


def write_samples(directory: Path, *, now: float | None = None) -> tuple[Sample, ...]:
    """Write all sample experiments below `directory`, as if it were `now` (Unix seconds).

    The one that `LiveSample` goes on with ends at `now`, the others hours before. The same `now`
    gives the same bytes.
    """
    at = time.time() if now is None else now
    samples = []
    for name, board, write, hours_ago in _CATALOGUE:
        write(directory / name, at - hours_ago * _HOUR)
        samples.append(Sample(name, directory / name, board))
    return tuple(samples)
