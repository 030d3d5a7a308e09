"""TensorBoard's own HParams and Text dashboards, asked in this process about event files."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format
from tensorboardX import SummaryWriter
from tensorboardX.proto.summary_pb2 import Summary
from tensorboardX.summary import hparams as hparams_summaries

with warnings.catch_warnings():  # what TensorBoard brings along is deprecated
    warnings.simplefilter("ignore")
    from tensorboard import plugin_util
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.hparams import (
        api_pb2,
        backend_context,
        get_experiment,
        list_session_groups,
        summary_v2,
    )
    from tensorboard.plugins.text import text_plugin

to_html = plugin_util.markdown_to_safe_html


def load(logdir: Path) -> Any:
    """Return TensorBoard's data provider over what lies there now."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(str(logdir))
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, str(logdir))


def write_session(
    directory: Path, params: Mapping[str, Any], metrics: Mapping[str, float], *, columns: bool
) -> None:
    """Write hyperparameters as a script does, with or without saying which columns there are."""
    writer = SummaryWriter(str(directory), write_to_disk=True)
    experiment, start, end = hparams_summaries(dict(params), dict(metrics))
    for summary in (experiment, start, end) if columns else (start, end):
        writer.file_writer.add_summary(summary)
    for tag, value in metrics.items():
        writer.add_scalar(tag, value, 1)
    writer.close()


def write_columns(directory: Path, param: str, choices: list[Any], metric: str) -> None:
    """Write which columns there are, with names to show, as a script with TensorFlow does."""
    config = summary_v2.hparams_config_pb(
        hparams=[summary_v2.HParam(param, summary_v2.Discrete(choices), display_name="Chosen")],
        metrics=[summary_v2.Metric(metric, group="val", display_name="Measured")],
    )
    writer = SummaryWriter(str(directory), write_to_disk=True)
    writer.file_writer.add_summary(Summary.FromString(config.SerializeToString()))
    writer.close()


@dataclass(frozen=True, slots=True)
class HParams:
    """What the HParams dashboard shows: columns by name, rows by name."""

    columns: Mapping[str, Any]
    metrics: list[tuple[str, str]]
    rows: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, Mapping[tuple[str, str], float]]


def hparams(provider: Any, **request: Any) -> HParams:
    """Ask the dashboard over `provider`; `request` goes with the question for the rows."""
    context = backend_context.Context(SimpleNamespace(data_provider=provider))
    asked = api_pb2.GetExperimentRequest()
    experiment = get_experiment.Handler(RequestContext(), context, "", asked).run()
    everything = {"allowedStatuses": [0, 1, 2, 3], "sliceSize": 10_000, **request}
    wanted = json_format.ParseDict(everything, api_pb2.ListSessionGroupsRequest())
    groups = list_session_groups.Handler(RequestContext(), context, "", wanted).run()
    shown = [json_format.MessageToDict(group) for group in groups.session_groups]
    return HParams(
        {one.name: json_format.MessageToDict(one) for one in experiment.hparam_infos},
        [(one.name.group, one.name.tag) for one in experiment.metric_infos],
        {one["name"]: one.get("hparams", {}) for one in shown},
        {one["name"]: _values(one.get("metricValues", ())) for one in shown},
    )


def run_params(provider: Any) -> dict[str, Mapping[str, Any]]:
    """Return the parameters of each run as Time Series shows them.

    Its script gives each run those of the session with the longest name that the run's begins with.
    """
    context = backend_context.Context(SimpleNamespace(data_provider=provider))
    everything = {"allowedStatuses": [0, 1, 2, 3], "sliceSize": 10_000, "includeMetrics": False}
    wanted = json_format.ParseDict(everything, api_pb2.ListSessionGroupsRequest())
    asked = (RequestContext(), context, "defaultExperimentId", wanted)
    groups = list_session_groups.Handler(*asked).run().session_groups
    shown = {session.name: group for group in groups for session in group.sessions}
    params = {name: json_format.MessageToDict(group) for name, group in shown.items()}
    found = {}
    for run in provider.list_runs(RequestContext(), experiment_id="defaultExperimentId"):
        name = max(filter(run.run_name.startswith, params), key=len, default=None)
        found[run.run_name] = {} if name is None else params[name].get("hparams", {})
    return found


def texts(provider: Any) -> dict[str, dict[str, str]]:
    """Return the HTML that the Text dashboard shows, by run and tag."""
    plugin = text_plugin.TextPlugin(SimpleNamespace(data_provider=provider, sampling_hints=None))
    index = plugin.index_impl(RequestContext(), "")
    return {run: {tag: _html(plugin, run, tag) for tag in tags} for run, tags in index.items()}


def _html(plugin: Any, run: str, tag: str) -> str:
    points = plugin.text_impl(RequestContext(), run, tag, "", enable_markdown=True)
    return "".join(point["text"] for point in points)


def _values(values: Any) -> dict[tuple[str, str], float]:
    named = ((one["name"], one.get("value", 0.0)) for one in values)
    return {(name.get("group", ""), name.get("tag", "")): value for name, value in named}
