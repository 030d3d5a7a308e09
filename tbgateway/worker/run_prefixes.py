"""Runs whose names begin like another one's: Time Series takes them for parts of it.

It gives each run the parameters of the session with the longest name that the run's name begins
with, wherever that ends: `exp10` has those of `exp1`. A session of its own keeps it from that.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from tbgateway.worker.hparam_sessions import path_above

_T = TypeVar("_T")


def sessions_apart(sessions: Mapping[str, _T], runs: Iterable[str], empty: _T) -> dict[str, _T]:
    """Return a session for each of the `runs` that would have another one's parameters.

    It is that of the directory above which has one, else `empty`.
    """
    lengths = sorted({len(session) for session in sessions}, reverse=True)
    apart = {}
    for run in runs:
        above = path_above(run, sessions)
        if _taken_by(run, sessions, lengths) != above:
            apart[run] = empty if above is None else sessions[above]
    return apart


def _taken_by(run: str, sessions: Mapping[str, object], lengths: Iterable[int]) -> str | None:
    """Return the longest of the `sessions` that the name of `run` begins with."""
    return next((run[:length] for length in lengths if run[:length] in sessions), None)
