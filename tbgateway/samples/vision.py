"""Two trainings of an image classifier that differ in their learning rate schedule."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tensorboard.plugins.custom_scalar import layout_pb2

from tbgateway.samples import curves, pictures, values
from tbgateway.samples.graphs import residual_network
from tbgateway.samples.run import Run
from tbgateway.samples.values import Value

_STEPS = 240
_STEP = 250
"""Batches between two logged steps."""
_EPOCHS = 30
_HOURS = 5.5
_CLASSES = ("cat", "dog", "horse", "truck")
_LAYERS = ("stem/conv", "stage2/block1/conv2", "stage4/block3/conv3", "head/logits")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What tells one training from the other."""

    seed: int
    schedule: str
    learning_rate: Callable[[float], float]
    loss: float
    accuracy: float


def _steps(progress: float) -> float:
    return 0.1 * 0.1 ** int(progress * 3.0)


BASELINE = Recipe(1, "divided by 10 at epochs 10 and 20", _steps, loss=1.08, accuracy=0.742)
COSINE = Recipe(2, "cosine, warm-up of 1.5 epochs", lambda p: curves.cosine(p, 0.4), 0.94, 0.771)


def write(directory: Path, ended: float, recipe: Recipe) -> None:
    """Write the training into the runs `train` and `validation` of a directory."""
    chance = curves.chance_of(recipe.seed)
    _write_train(directory / "train", ended, recipe, chance)
    _write_validation(directory / "validation", ended, recipe, chance)


def _time(ended: float, progress: float) -> float:
    return ended - _HOURS * 3600.0 * (1.0 - progress)


def _write_train(directory: Path, ended: float, recipe: Recipe, chance: Random) -> None:
    with Run(directory, _time(ended, 0.0)) as run:
        run.add_graph(_time(ended, 0.0), residual_network())
        run.add(0, _time(ended, 0.0), _card(recipe), _layout())
        for number in range(_STEPS + 1):
            progress = number / _STEPS
            step, at = number * _STEP, _time(ended, progress)
            run.add(step, at, *_train_scalars(chance, progress, recipe))
            if number % 16 == 0:
                run.add(step, at, *_train_histograms(chance, progress))


def _train_scalars(chance: Random, progress: float, recipe: Recipe) -> list[Value]:
    loss = curves.approach(progress, 6.9, recipe.loss - 0.15, 6.0)
    accuracy = curves.approach(progress, 0.001, recipe.accuracy + 0.03, 5.5)
    speed = 2480.0 + curves.jitter(chance, 45.0, 0.0)
    return [
        values.scalar(
            "loss/total", loss + curves.jitter(chance, 0.12, progress), "Cross entropy, smoothed."
        ),
        values.scalar(
            "accuracy/top-1",
            max(accuracy + curves.jitter(chance, 0.012, progress), 0.0),
            "Share of images whose first guess is right.",
        ),
        values.scalar("optimizer/learning_rate", recipe.learning_rate(progress), recipe.schedule),
        values.scalar("system/images_per_second", speed, "On **8** accelerators."),
    ]


def _train_histograms(chance: Random, progress: float) -> list[Value]:
    found = []
    for depth, layer in enumerate(_LAYERS):
        spread = curves.approach(progress, 0.02, 0.05 + 0.015 * depth, 3.0)
        drift = 0.01 * depth * progress
        found.append(values.histogram(f"weights/{layer}", curves.bell(chance, 9000, drift, spread)))
        slope = curves.approach(progress, 0.01, 0.0015, 4.0) * (1.0 + 0.3 * depth)
        found.append(values.histogram(f"gradients/{layer}", curves.bell(chance, 9000, 0.0, slope)))
    return found


def _write_validation(directory: Path, ended: float, recipe: Recipe, chance: Random) -> None:
    with Run(directory, _time(ended, 0.01)) as run:
        for epoch in range(1, _EPOCHS + 1):
            progress = epoch / _EPOCHS
            step, at = round(_STEPS * _STEP * progress), _time(ended, progress)
            accuracy = curves.approach(progress, 0.05, recipe.accuracy, 5.0)
            run.add(step, at, *_validation_scalars(chance, progress, accuracy, recipe))
            if epoch % 5 == 0:
                run.add(step, at, *_validation_pictures(chance, progress, accuracy))
                run.add(step, at, *_precision_recall(progress, recipe))


def _validation_scalars(
    chance: Random, progress: float, accuracy: float, recipe: Recipe
) -> list[Value]:
    loss = curves.approach(progress, 5.8, recipe.loss, 5.5)
    first = accuracy + curves.jitter(chance, 0.006, progress)
    return [
        values.scalar("loss/total", loss + curves.jitter(chance, 0.05, progress)),
        values.scalar("accuracy/top-1", first, "On 50,000 images that were not trained on."),
        values.scalar(
            "accuracy/top-5",
            1.0 - 0.35 * (1.0 - first),
            "Share of images whose class is among the first five guesses.",
        ),
    ]


def _validation_pictures(chance: Random, progress: float, accuracy: float) -> list[Value]:
    matrix = pictures.confusion(chance, 10, accuracy, 16)
    filters = [pictures.ripples(40, hue / 2.0, 4.0 + 3.0 * hue, progress) for hue in range(3)]
    return [
        values.image("confusion matrix", 160, 160, [matrix], "Rows: true class. Columns: guess."),
        values.image("stem/filters", 40, 40, filters, "What three filters of the stem answer to."),
    ]


def _precision_recall(progress: float, recipe: Recipe) -> list[Value]:
    found = []
    for rank, name in enumerate(_CLASSES):
        separation = curves.approach(progress, 0.3, 12.0 * recipe.accuracy - 6.3 - 0.35 * rank, 3.0)
        rows = curves.precision_recall(1000, 9000, separation)
        found.append(values.pr_curve(f"classes/{name}", rows, f"**{name}** against all others."))
    return found


def _card(recipe: Recipe) -> Value:
    return values.text(
        "model card",
        "## ResNet-50\n\n"
        "| | |\n|---|---|\n"
        "| parameters | 25.6 million |\n"
        "| batch | 256 on each of 8 accelerators |\n"
        f"| learning rate | {recipe.schedule} |\n"
        "| augmentation | crop, flip, colour |\n\n"
        f"Goal: at least **{recipe.accuracy:.1%}** top-1 accuracy.",
        "What was trained, and why.",
    )


def _layout() -> Value:
    charts = [
        layout_pb2.Chart(title=title, multiline=layout_pb2.MultilineChartContent(tag=[f"{tag}.*"]))
        for title, tag in (("Loss", "loss/"), ("Accuracy", "accuracy/"))
    ]
    return values.layout([layout_pb2.Category(title="At a glance", chart=charts)])
