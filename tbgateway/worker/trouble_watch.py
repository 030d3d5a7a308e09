"""Telling the launcher, again and again, what keeps single runs out of a dashboard."""

import sys
import threading
import time
from collections.abc import Callable, Mapping

_FIRST_LOOK_AFTER = 0.5  # seconds; those who waited for the board come first
_LOOK_EVERY = 10.0  # seconds, while anything is wrong: what is mended is told soon
_LOOK_SELDOM = 80.0  # seconds, at most, while nothing is: opening a page looks anyway
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
    pause = _LOOK_EVERY
    time.sleep(_FIRST_LOOK_AFTER)
    while True:
        try:
            before, told = told, tell_changes(told, problems(), report)
            pause = pause_after(pause, quiet=not before and not told)
        except Exception as error:  # noqa: BLE001 - whatever it is, the board goes on
            if complaint != (complaint := f"{type(error).__name__}: {error}"):
                sys.stderr.write(f"the projector's files cannot be looked at: {complaint}\n")
        time.sleep(pause)


def pause_after(pause: float, *, quiet: bool) -> float:
    """Return how many seconds to wait after a look, from the last pause and whether all is well."""
    return min(2 * pause, _LOOK_SELDOM) if quiet else _LOOK_EVERY


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
