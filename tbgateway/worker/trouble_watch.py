"""Telling the launcher, again and again, what keeps single runs out of a dashboard."""

import sys
import threading
import time
from collections.abc import Callable, Mapping

_FIRST_LOOK_AFTER = 0.5  # seconds; those who waited for the board come first
_LOOK_EVERY = 10.0  # seconds
_MOST = 100  # runs that are told about

Problems = Callable[[], Mapping[str, str]]
Report = Callable[[str, str], None]


def watch_troubles(problems: Problems, report: Report) -> None:
    """Look now and then from a thread; `report` each run whose problem changed, "" for none."""
    threading.Thread(
        target=_watch, args=(problems, report), name="trouble watch", daemon=True
    ).start()


def _watch(problems: Problems, report: Report) -> None:
    told: Mapping[str, str] = {}
    complaint = ""
    time.sleep(_FIRST_LOOK_AFTER)
    while True:
        try:
            told = tell_changes(told, problems(), report)
        except Exception as error:  # noqa: BLE001 - whatever it is, the board goes on
            if complaint != (complaint := f"{type(error).__name__}: {error}"):
                sys.stderr.write(f"the projector's files cannot be looked at: {complaint}\n")
        time.sleep(_LOOK_EVERY)


def tell_changes(
    told: Mapping[str, str], found: Mapping[str, str], report: Report
) -> Mapping[str, str]:
    """Report what is new in `found` against `told`, and what is over; return what is told now."""
    kept = dict(sorted(found.items())[:_MOST])
    for run in told.keys() - kept.keys():
        report(run, "")
    for run, problem in kept.items():
        if told.get(run) != problem:
            report(run, problem)
    return kept
