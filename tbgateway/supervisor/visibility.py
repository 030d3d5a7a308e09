"""Which experiments a running TensorBoard really lists, asked of TensorBoard itself."""

from collections.abc import Iterable, Mapping

import aiohttp

from tbgateway.domain.names import ExperimentId
from tbgateway.upstream import Upstream


async def listed_runs(upstream: Upstream) -> frozenset[str] | None:
    """Return the names of the runs that TensorBoard lists; None if it did not answer."""
    try:
        runs = await upstream.get_json("/data/runs")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None
    if not isinstance(runs, list):
        return None
    return frozenset(map(str, runs))


def visible_among(
    links: Mapping[ExperimentId, str], runs: Iterable[str]
) -> frozenset[ExperimentId]:
    """Return the experiments whose link is one of the runs, or has one below it."""
    listed = frozenset(prefix for run in runs for prefix in _prefixes(run))
    return frozenset(experiment for experiment, link in links.items() if link in listed)


def gone_among(
    leaving: Mapping[ExperimentId, str], links: Mapping[ExperimentId, str], runs: Iterable[str]
) -> frozenset[ExperimentId]:
    """Return the leaving experiments none of whose runs is listed any more.

    Runs of the `links` that stay are not theirs, also where one name lies inside the other.
    """
    staying = frozenset(links.values())
    left = [run for run in runs if staying.isdisjoint(_prefixes(run))]
    return frozenset(leaving) - visible_among(leaving, left)


def _prefixes(run: str) -> Iterable[str]:
    parts = run.split("/")
    return ("/".join(parts[:length]) for length in range(1, len(parts) + 1))
