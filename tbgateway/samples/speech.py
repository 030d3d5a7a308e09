"""A network that takes the noise out of recordings."""

from pathlib import Path
from random import Random

from tensorboard.plugins.custom_scalar import layout_pb2

from tbgateway.samples import curves, pictures, sounds, values
from tbgateway.samples.run import Run
from tbgateway.samples.values import Value

_STEPS = 200
_SECONDS = 9000.0
_NOISE = 0.7


def write(directory: Path, ended: float) -> None:
    """Write the training into the runs `train` and `validation` of a directory."""
    chance = curves.chance_of(3)
    began = ended - _SECONDS
    _write_train(directory / "train", began, chance)
    _write_validation(directory / "validation", began, chance)


def _write_train(directory: Path, began: float, chance: Random) -> None:
    with Run(directory, began) as run:
        run.add(0, began, _layout(), _notes())
        for number in range(_STEPS + 1):
            progress = number / _STEPS
            loss = curves.approach(progress, 0.9, 0.11) + curves.jitter(chance, 0.03, progress)
            run.add(
                number * 50,
                began + _SECONDS * progress,
                values.scalar("loss/spectral", loss, "Distance of the log spectra."),
                values.scalar("loss/waveform", 0.4 * loss + 0.02, "Mean absolute difference."),
            )


def _write_validation(directory: Path, began: float, chance: Random) -> None:
    with Run(directory, began) as run:
        run.add(
            0,
            began,
            values.audio("clip/noisy", sounds.chime(chance, _NOISE), "What goes in."),
            values.audio("clip/clean", sounds.chime(chance, 0.0), "What should come out."),
        )
        for number in range(_STEPS // 10 + 1):
            progress = number * 10 / _STEPS
            step, at = number * 500, began + _SECONDS * progress
            run.add(step, at, *_quality(chance, progress))
            if number % 5 == 0:
                run.add(step, at, *_denoised(chance, progress))


def _quality(chance: Random, progress: float) -> list[Value]:
    ratio = curves.approach(progress, 1.5, 17.8, 4.0) + curves.jitter(chance, 0.5, progress)
    spread = curves.approach(progress, 2.5, 1.0)
    return [
        values.scalar("quality/si-snr", ratio, "Signal-to-noise ratio in **dB**, median."),
        values.scalar("quality/si-snr-p10", ratio - spread, "The same, 10th percentile."),
        values.scalar("quality/si-snr-p90", ratio + spread, "The same, 90th percentile."),
    ]


def _denoised(chance: Random, progress: float) -> list[Value]:
    left = curves.approach(progress, _NOISE, 0.02, 4.0)
    picture = pictures.spectrogram(chance, 96, 64, left)
    return [
        values.audio("clip/denoised", sounds.chime(chance, left), "What comes out."),
        values.image("clip/spectrogram", 96, 64, [picture], "Of what comes out."),
    ]


def _layout() -> Value:
    series = layout_pb2.MarginChartContent.Series(
        value="quality/si-snr", lower="quality/si-snr-p10", upper="quality/si-snr-p90"
    )
    charts = [
        layout_pb2.Chart(
            title="Signal-to-noise ratio, 10th to 90th percentile",
            margin=layout_pb2.MarginChartContent(series=[series]),
        ),
        layout_pb2.Chart(
            title="Losses", multiline=layout_pb2.MultilineChartContent(tag=["loss/.*"])
        ),
    ]
    return values.layout([layout_pb2.Category(title="Quality", chart=charts)])


def _notes() -> Value:
    return values.text(
        "notes",
        "### Data\n\n| set | clips | hours |\n|---|---:|---:|\n| train | 41,200 | 118 |\n"
        "| validation | 2,300 | 6.5 |\n\nNoise: *street*, *café*, *train*; 0 to 15 dB.",
        "What the network hears.",
    )
