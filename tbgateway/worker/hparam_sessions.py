"""The sessions of the HParams dashboard: what scripts wrote, joined with what is told beside.

A session stands for a run with all runs below it; the metrics of a row are theirs. Where a script
wrote none of its own, there is one for the whole experiment. Otherwise what is told is added to
each of the script's own, but for what these say themselves; one more would be a second row for the
same experiment. Only where a script wrote one session, below the experiment (as PyTorch's
`add_hparams` does), one for the other runs joins it in its row, unless both have a metric of the
same name: the dashboard would show the mean.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tensorboard.plugins.hparams import plugin_data_pb2

from tbgateway.worker.descriptions_file import Plain
from tbgateway.worker.param_values import as_text, put, to_plain

Params = Mapping[str, Mapping[str, Plain]]
"""What is told: parameters by the name of the experiment's link."""
Scalars = Mapping[str, Iterable[str]]
"""The tags of each run's scalars."""
MetricName = tuple[str, str]
"""Group and tag: the path from the session to the run, and the scalar's."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """All sessions (`SessionStartInfo`) by their run; `added` are those that no script wrote."""

    starts: Mapping[str, Any]
    added: frozenset[str] = field(default_factory=frozenset)

    def values(self) -> Iterator[tuple[str, Plain]]:
        """Yield each parameter's value in each session that has it."""
        for start in self.starts.values():
            for name, value in start.hparams.items():
                plain = to_plain(value)
                if plain is not None:
                    yield name, plain

    def make_text(self, names: Collection[str]) -> None:
        """Hold the values of these parameters as text."""
        for start in self.starts.values():
            for name in names:
                plain = to_plain(start.hparams[name]) if name in start.hparams else None
                if plain is not None:
                    put(start.hparams[name], as_text(plain))


def join_sessions(written: Mapping[str, Any], params: Params, scalars: Scalars) -> Sessions:
    """Add `params` to the sessions that were `written`, which are changed, and make what lacks.

    `scalars` tell which runs have metrics.
    """
    own: dict[str, list[str]] = {link: [] for link, said in params.items() if said}
    for run, start in written.items():
        link = path_above(run, own)
        if link is not None:
            own[link].append(run)
            _add(start, params[link])
    added = {link: plugin_data_pb2.SessionStartInfo() for link, runs in own.items() if not runs}
    for link, start in added.items():
        _add(start, params[link])
    single = {link: runs[0] for link, runs in own.items() if len(runs) == 1 and runs != [link]}
    added |= _companions(written, single, scalars)
    return Sessions({**written, **added}, frozenset(added))


def metric_names(runs: Collection[str], scalars: Scalars) -> dict[str, set[MetricName]]:
    """Return the metrics of each session, given the runs that have sessions."""
    names: dict[str, set[MetricName]] = {}
    for run, tags in scalars.items():
        session = path_above(run, runs)
        if session is not None:
            group = run[len(session) + 1 :]
            names.setdefault(session, set()).update((group, tag) for tag in tags)
    return names


def path_above(run: str, paths: Collection[str]) -> str | None:
    """Return the longest of the `paths` that is `run` or a directory above it."""
    while run and run not in paths:
        run = run.rpartition("/")[0]
    return run or None


def _companions(
    written: Mapping[str, Any], single: Mapping[str, str], scalars: Scalars
) -> dict[str, Any]:
    """Return sessions for the other runs of experiments, by link, with one session below each."""
    companions = {}
    names = metric_names({*written, *single}, scalars) if single else {}
    for link, run in single.items():
        others = names.get(link, set())
        if others and others.isdisjoint(names.get(run, ())):
            companions[link] = start = plugin_data_pb2.SessionStartInfo()
            start.CopyFrom(written[run])
            start.group_name = start.group_name or run
    return companions


def _add(start: Any, params: Mapping[str, Plain]) -> None:  # noqa: ANN401 - as above
    for name, plain in params.items():
        if name not in start.hparams:
            put(start.hparams[name], plain)
