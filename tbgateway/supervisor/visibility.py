"""Which experiments a running TensorBoard really lists, asked of TensorBoard itself."""

from collections.abc import Iterable, Mapping

import aiohttp

from tbgateway.domain.names import ExperimentId
from tbgateway.upstream import Upstream


async def listed_prefixes(upstream: Upstream) -> frozenset[str] | None:
    """Return every listed run's name and all path prefixes of it; None if it did not answer."""
    try:
        runs = await upstream.get_json("/data/runs")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None
    if not isinstance(runs, list):
        return None
    return frozenset(prefix for run in runs for prefix in _prefixes(str(run)))


def visible_among(
    links: Mapping[ExperimentId, str], prefixes: frozenset[str]
) -> frozenset[ExperimentId]:
    """Return the experiments whose link is a listed run, or has one below it."""
    return frozenset(experiment for experiment, link in links.items() if link in prefixes)


def _prefixes(run: str) -> Iterable[str]:
    parts = run.split("/")
    return ("/".join(parts[:length]) for length in range(1, len(parts) + 1))
