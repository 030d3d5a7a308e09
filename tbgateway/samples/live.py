"""A training that is still going on."""

import time
from collections.abc import Callable
from pathlib import Path

from tbgateway.samples import curves, values
from tbgateway.samples.run import Run
from tbgateway.samples.values import Value

NAME = "vit-small-finetune"
_HISTORY = 120
"""Steps that were already made when a demo begins; one step takes a second."""
_EVERY = 10
"""Steps between two validations."""
_LONG = 600.0
"""After so many steps the curves have nearly settled."""


class LiveSample:
    """Goes on with the experiment whose first steps `write_history` wrote."""

    def __init__(self, directory: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Continue what `write_samples` wrote below `directory`; `clock` tells the time."""
        self._clock = clock
        self._training = _Training(directory / NAME, clock(), "live")
        self._step = _HISTORY

    def step(self) -> None:
        """Make one more step, and let TensorBoard see it."""
        self._training.step(self._step, self._clock())
        self._step += 1

    def close(self) -> None:
        """End the files; the experiment may stay as it is."""
        self._training.close()


def write_history(directory: Path, now: float) -> None:
    """Write the steps up to `now` into the runs `train` and `validation` of a directory."""
    training = _Training(directory, now - _HISTORY, "0")
    for step in range(_HISTORY):
        training.step(step, now - _HISTORY + step)
    training.close()


class _Training:
    def __init__(self, directory: Path, started: float, part: str) -> None:
        self._chance = curves.chance_of(f"{directory.name}.{part}")
        self._train = Run(directory / "train", started, part=part)
        self._validation = Run(directory / "validation", started, part=part)

    def step(self, step: int, at: float) -> None:
        progress = step / _LONG
        loss = curves.approach(progress, 2.9, 0.42) + curves.jitter(self._chance, 0.07, progress)
        self._train.add(step, at, *self._scalars(loss, progress))
        self._train.flush()
        if step % _EVERY == 0:
            self._validate(step, at, progress)

    def close(self) -> None:
        self._train.close()
        self._validation.close()

    def _scalars(self, loss: float, progress: float) -> list[Value]:
        rate = curves.cosine(min(progress, 1.0), 5e-4)
        return [
            values.scalar("loss/total", loss, "Watch it fall: this training is going on."),
            values.scalar("optimizer/learning_rate", rate),
        ]

    def _validate(self, step: int, at: float, progress: float) -> None:
        accuracy = curves.approach(progress, 0.31, 0.914)
        weights = curves.bell(self._chance, 6000, 0.0, curves.approach(progress, 0.02, 0.06))
        self._validation.add(
            step,
            at,
            values.scalar("loss/total", curves.approach(progress, 2.8, 0.55)),
            values.scalar("accuracy/top-1", accuracy + curves.jitter(self._chance, 0.01, progress)),
        )
        self._validation.flush()
        self._train.add(step, at, values.histogram("weights/attention/query", weights))
        self._train.flush()
