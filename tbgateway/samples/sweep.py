"""A search over hyperparameters: one run per trial."""

import math
from pathlib import Path
from random import Random

from tensorboard.compat.proto import summary_pb2
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.plugins.hparams import summary_v2 as hp

from tbgateway.samples import curves, values
from tbgateway.samples.run import Run
from tbgateway.samples.values import Value

_STEPS = 24
_TRIAL_SECONDS = 540.0
_TRIALS: tuple[tuple[str, float, int, float], ...] = (
    ("sgd", 0.1, 128, 0.0),
    ("sgd", 0.3, 256, 0.1),
    ("sgd", 0.03, 128, 0.2),
    ("adam", 0.001, 128, 0.0),
    ("adam", 0.003, 256, 0.1),
    ("adam", 0.0003, 128, 0.1),
    ("lion", 0.0003, 256, 0.1),
    ("lion", 0.0001, 512, 0.2),
)
_BEST = {"sgd": 0.12, "adam": 0.0012, "lion": 0.0002}
_HPARAMS = (
    hp.HParam("optimizer", hp.Discrete(["adam", "lion", "sgd"]), display_name="Optimizer"),
    hp.HParam("learning_rate", hp.RealInterval(1e-4, 1.0), display_name="Learning rate"),
    hp.HParam("batch_size", hp.Discrete([128, 256, 512]), display_name="Batch size"),
    hp.HParam("dropout", hp.RealInterval(0.0, 0.5), display_name="Dropout"),
)
_METRICS = (
    hp.Metric("validation/accuracy", display_name="Accuracy"),
    hp.Metric("validation/loss", display_name="Loss"),
)


def write(directory: Path, ended: float) -> None:
    """Write the search: its description at the top, each trial in a run of its own."""
    began = ended - _TRIAL_SECONDS * len(_TRIALS)
    with Run(directory, began) as run:
        config = hp.hparams_config_pb(_HPARAMS, _METRICS, time_created_secs=began)
        run.add(0, began, *config.value)
    for number, trial in enumerate(_TRIALS):
        _write_trial(directory / f"trial-{number}", number, began, trial)


def _write_trial(
    directory: Path, number: int, began: float, trial: tuple[str, float, int, float]
) -> None:
    chance = curves.chance_of(100 + number)
    started = began + _TRIAL_SECONDS * number
    ended = started + _TRIAL_SECONDS
    names = ("optimizer", "learning_rate", "batch_size", "dropout")
    chosen = dict(zip(names, trial, strict=True))
    with Run(directory, started) as run:
        start = hp.hparams_pb(chosen, trial_id=directory.name, start_time_secs=started)
        _put_in_order(start.value[0].metadata.plugin_data)
        run.add(0, started, *start.value)
        for step in range(1, _STEPS + 1):
            progress = step / _STEPS
            at = started + _TRIAL_SECONDS * progress
            run.add(step, at, *_scalars(chance, progress, trial))
        run.add(_STEPS, ended, _session_end(ended))


def _put_in_order(data: summary_pb2.SummaryMetadata.PluginData) -> None:
    """Serialise again: the order of a map is left to chance unless somebody asks."""
    parsed = plugin_data_pb2.HParamsPluginData.FromString(data.content)
    data.content = parsed.SerializeToString(deterministic=True)


def _scalars(chance: Random, progress: float, trial: tuple[str, float, int, float]) -> list[Value]:
    optimizer, rate, _, dropout = trial
    miss = abs(math.log10(rate / _BEST[optimizer]))
    loss = curves.approach(progress, 2.3, 0.32 + 0.25 * miss + 0.4 * abs(dropout - 0.1))
    accuracy = math.exp(-0.55 * loss)
    return [
        values.scalar("validation/loss", loss + curves.jitter(chance, 0.02, progress)),
        values.scalar("validation/accuracy", accuracy + curves.jitter(chance, 0.008, progress)),
    ]


def _session_end(ended: float) -> Value:
    """TensorBoard has a function for this too, but it needs TensorFlow."""
    status = api_pb2.Status.Value("STATUS_SUCCESS")
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=ended)
    content = plugin_data_pb2.HParamsPluginData(session_end_info=end)
    return Value(
        tag=metadata.SESSION_END_INFO_TAG,
        metadata=metadata.create_summary_metadata(content),
        tensor=metadata.NULL_TENSOR,
    )
