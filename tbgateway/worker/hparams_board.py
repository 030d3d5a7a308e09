"""What the HParams dashboard shows of a board: what scripts wrote and what is told, together.

Scripts write sessions (`_hparams_/session_start_info`, the parameters of a run and all below it)
and, some of them, columns (`_hparams_/experiment`). Both are formats of event files: they are
answered here as if they had been read from one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from google.protobuf.message import Error
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.plugins.hparams.error import HParamsError

from tbgateway.domain.scalar_tags import rank
from tbgateway.worker.hparam_column import Column
from tbgateway.worker.hparam_sessions import (
    MetricName,
    Params,
    Scalars,
    Sessions,
    join_sessions,
    metric_names,
    path_above,
)

Contents = Mapping[str, Mapping[str, bytes]]
"""What event files hold for the plugin, by run and tag."""

Complain = Callable[[str], None]

_EXPERIMENT = metadata.EXPERIMENT_TAG
_SESSION = metadata.SESSION_START_INFO_TAG
_JOINED = frozenset({_EXPERIMENT, _SESSION})


def join(
    written: Contents, params: Params, list_scalars: Callable[[], Scalars], complain: Complain
) -> dict[str, dict[str, bytes]]:
    """Return what would be `written` had all scripts said the `params` of their experiments.

    What cannot be read of it is complained of and left out: stock TensorBoard would show nothing.
    """
    if not any(params.values()):
        return {run: dict(tags) for run, tags in written.items()}
    declared = _parsed(written, _EXPERIMENT, metadata.parse_experiment_plugin_data, complain)
    starts = _parsed(written, _SESSION, metadata.parse_session_start_info_plugin_data, complain)
    scalars = list_scalars()
    sessions = join_sessions(starts, params, scalars)
    experiment = api_pb2.Experiment(
        hparam_infos=_columns(declared.values(), sessions),
        metric_infos=_metrics(declared, sessions, _ruled(declared, params), scalars),
    )
    joined = {
        run: {tag: content for tag, content in tags.items() if tag not in _JOINED}
        for run, tags in written.items()
    }
    for run, start in sessions.starts.items():
        data = plugin_data_pb2.HParamsPluginData(session_start_info=start)
        joined.setdefault(run, {})[_SESSION] = _content(data)
    columns = plugin_data_pb2.HParamsPluginData(experiment=experiment)
    joined[next(iter(sessions.starts))][_EXPERIMENT] = _content(columns)
    return joined


def _parsed(
    written: Contents, tag: str, parse: Callable[[bytes], Any], complain: Complain
) -> dict[str, Any]:
    found = {}
    for run, tags in written.items():
        if tag in tags:
            try:
                found[run] = parse(tags[tag])
            except (Error, HParamsError, ValueError) as error:
                complain(f"{tag} of {run!r} is left out: {error}")
    return found


def _columns(declared: Iterable[Any], sessions: Sessions) -> list[Any]:
    """Return the `HParamInfo` of each parameter; sessions hold text where kinds are mixed."""
    columns: dict[str, Column] = {}
    for experiment in declared:
        for info in experiment.hparam_infos:
            columns.setdefault(info.name, Column()).declared.append(info)
    for name, plain in sessions.values():
        columns.setdefault(name, Column()).values.append(plain)
    sessions.make_text({name for name, column in columns.items() if column.mixed})
    return [column.to_info(name) for name, column in columns.items()]


def _ruled(declared: Mapping[str, Any], params: Params) -> frozenset[str]:
    """Return the paths below which scripts said which metrics they have."""
    links = (path_above(run, params) for run in declared)
    return frozenset({*declared, *(link for link in links if link is not None)})


def _metrics(
    declared: Mapping[str, Any], sessions: Sessions, ruled: frozenset[str], scalars: Scalars
) -> Iterator[Any]:
    """Yield each `MetricInfo` that a script declared, and those of the sessions of all others."""
    known = set()
    for experiment in declared.values():
        for info in experiment.metric_infos:
            if (name := (info.name.group, info.name.tag)) not in known:
                known.add(name)
                yield info
    found: set[MetricName] = set()
    for run, names in metric_names(sessions.starts.keys(), scalars).items():
        if run in sessions.added or not path_above(run, ruled):
            found |= names
    for group, tag in sorted(found - known, key=lambda name: (rank(name[1]), name[0])):
        yield api_pb2.MetricInfo(name=api_pb2.MetricName(group=group, tag=tag))


def _content(data: Any) -> bytes:  # noqa: ANN401 - protocol buffers have no types
    content: bytes = metadata.create_summary_metadata(data).plugin_data.content
    return content
