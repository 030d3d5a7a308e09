"""Numbers as trainings produce them, from a seeded source of chance."""

import itertools
import math
from collections.abc import Sequence
from random import Random

_BUCKETS = 30
_REACH = 3.2
"""Histograms span so many standard deviations to either side."""


def chance_of(seed: int | str) -> Random:
    """Return a source of chance that is the same every time."""
    return Random(seed)  # noqa: S311 - curves, not secrets


def approach(progress: float, start: float, end: float, speed: float = 5.0) -> float:
    """Return where a quantity is that goes from `start` towards `end`, quickly at first."""
    return end + (start - end) * math.exp(-speed * progress)


def jitter(chance: Random, size: float, progress: float) -> float:
    """Return noise that calms down to a third while a training goes on."""
    return chance.gauss(0.0, size) * (1.0 - 0.67 * min(progress, 1.0))


def cosine(progress: float, highest: float, warm_up: float = 0.05) -> float:
    """Return a learning rate that warms up, then falls along a cosine."""
    if progress < warm_up:
        return highest * progress / warm_up
    return highest * 0.5 * (1.0 + math.cos(math.pi * (progress - warm_up) / (1.0 - warm_up)))


def bell(
    chance: Random, count: int, middle: float, spread: float
) -> list[tuple[float, float, float]]:
    """Return histogram buckets of about `count` normally distributed numbers."""
    width = 2.0 * _REACH / _BUCKETS
    edges = [-_REACH + width * number for number in range(_BUCKETS + 1)]
    return [
        (
            middle + spread * left,
            middle + spread * right,
            round(count * (_below(right) - _below(left)) * chance.uniform(0.9, 1.1)),
        )
        for left, right in itertools.pairwise(edges)
    ]


def precision_recall(
    positives: int, negatives: int, separation: float, thresholds: int = 41
) -> list[Sequence[float]]:
    """Return the six rows of a precision-recall curve.

    The scores of both classes are normally distributed, their means `separation` apart.
    """
    levels = [-4.0 + (8.0 + separation) * number / (thresholds - 1) for number in range(thresholds)]
    true_positives = [positives * _below(separation - level) for level in levels]
    false_positives = [negatives * _below(-level) for level in levels]
    return [
        true_positives,
        false_positives,
        [negatives - number for number in false_positives],
        [positives - number for number in true_positives],
        [t / max(t + f, 1e-9) for t, f in zip(true_positives, false_positives, strict=True)],
        [number / positives for number in true_positives],
    ]


def _below(deviations: float) -> float:
    """Return the share of a normal distribution below so many standard deviations."""
    return 0.5 * (1.0 + math.erf(deviations / math.sqrt(2.0)))
