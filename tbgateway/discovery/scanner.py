"""One look at all roots, at a cost that many idle experiments can bear."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tbgateway.discovery.candidates import Candidates, Skipped
from tbgateway.discovery.description_files import FileReading
from tbgateway.discovery.roots import Root
from tbgateway.discovery.watchlist import Watchlist
from tbgateway.domain.experiment_state import MISSING, Measurement
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.domain.names import ExperimentId
from tbgateway.eventfiles import is_within, measure, printable


@dataclass(frozen=True, slots=True)
class Found:
    """An experiment that is not known under this path; `path` is free of links.

    `reading` is what the file says that describes it, if there is one.
    """

    root: str
    name: str
    path: str
    measurement: Measurement
    reading: FileReading | None = None


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What one scan says.

    `found` are new experiments; `measurements` has every known one, `readings` what the files say
    that describe some of them. `moved` are known ones whose root or link leads to another directory
    now: they should be given the path found there.
    `skipped` are, as path and reason, those that might be taken for experiments and are none.
    """

    found: tuple[Found, ...]
    measurements: Mapping[ExperimentId, Measurement]
    readings: Mapping[ExperimentId, FileReading]
    moved: Mapping[ExperimentId, Found]
    skipped: tuple[tuple[str, str], ...]


def together(reports: Iterable[ScanReport]) -> ScanReport:
    """Return what scans of different roots say; of roots inside each other the first one finds."""
    found: dict[str, Found] = {}
    measurements: dict[ExperimentId, Measurement] = {}
    readings: dict[ExperimentId, FileReading] = {}
    moved: dict[ExperimentId, Found] = {}
    skipped: list[tuple[str, str]] = []
    for one in reports:
        for place in one.found:
            found.setdefault(place.path, place)
        measurements.update(one.measurements)
        readings.update(one.readings)
        moved.update(one.moved)
        skipped.extend(one.skipped)
    return ScanReport(tuple(found.values()), measurements, readings, moved, tuple(skipped))


def rootless(known: Iterable[Experiment]) -> ScanReport:
    """Return what is to be said of experiments whose roots are not configured any more."""
    return ScanReport((), {one.id: _rootless(one) for one in known}, {}, {}, ())


class Scanner:
    """Finds and measures experiments; remembers directories between scans.

    Running experiments and those that changed lately are measured in every scan, the others in
    rotation; a directory is read again only when its own times say that its entries changed.
    Scans may run in any thread, but only one at a time.
    """

    def __init__(
        self,
        roots: Mapping[str, Root],
        search_depth: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roots = {name: Candidates(name, root) for name, root in roots.items()}
        self._watchlist = Watchlist(search_depth)
        self._clock = clock

    def scan(self, known: Iterable[Experiment], taken: Iterable[str] = ()) -> ScanReport:
        """Look at all roots and at the `known` experiments; whatever files do is no error.

        `taken` are the paths of further ones, which nobody finds here.
        """
        now = self._clock()
        self._watchlist.begin_scan(now)
        for candidates in self._roots.values():
            candidates.refresh(now)
        experiments = tuple(known)
        measurements = {one.id: self._measure(one) for one in experiments}
        described = ((one.id, self._watchlist.reading(one.path)) for one in experiments)
        readings = {one: reading for one, reading in described if reading is not None}
        skipped = [one for root in self._roots.values() for one in root.skipped]
        newcomers = _Newcomers(experiments, skipped)
        for entry in self._unknown({one.path for one in experiments}.union(taken)):
            newcomers.take(entry)
        return newcomers.report(measurements, readings)

    def _measure(self, experiment: Experiment) -> Measurement:
        candidates = self._roots.get(experiment.root)
        if candidates is None:
            return _rootless(experiment)
        if candidates.problem is not None:
            return _nothing(candidates.problem)
        if experiment.path == candidates.path or not is_within(experiment.path, candidates.path):
            return _nothing(f"it lies outside of its logdir root {experiment.root!r}")
        running = experiment.state is ExperimentState.RUNNING
        return self._watchlist.look(candidates, experiment.path, running=running)

    def _unknown(self, known_paths: set[str]) -> Iterator[Found | Skipped]:
        for root, candidates in self._roots.items():
            for candidate in candidates.by_path.values():
                if candidate.path in known_paths:
                    continue
                known_paths.add(candidate.path)
                seen = self._watchlist.look(candidates, candidate.path, running=False)
                reading = self._watchlist.reading(candidate.path)
                yield from _verdict(
                    Found(root, candidate.name, candidate.path, seen, reading), candidate.refusal
                )


def would_find(
    paths: Iterable[str], roots: Mapping[str, Root], search_depth: int
) -> frozenset[str]:
    """Return those real paths that a scan which does not know them would take for experiments."""
    wanted, found = set(paths), set[str]()
    for name, root in roots.items():
        candidates = Candidates(name, root)
        candidates.refresh(time.time())
        for path in wanted & candidates.by_path.keys():
            if candidates.by_path[path].refusal is None:
                wanted.discard(path)
                seen = measure(path, candidates.path, search_depth)
                found |= set() if seen.last_event_at is None else {path}
    return frozenset(found)


class _Newcomers:
    """Sorts what was found into new experiments, moved ones, and the rest."""

    def __init__(self, known: Iterable[Experiment], skipped: Iterable[Skipped]) -> None:
        self._named = {(one.root, one.name): one for one in known}
        self._found: list[Found] = []
        self._moved: dict[ExperimentId, Found] = {}
        self._skipped = list(skipped)

    def take(self, entry: Found | Skipped) -> None:
        if isinstance(entry, Skipped):
            self._skipped.append(entry)
            return
        holder = self._named.get((entry.root, entry.name))
        if holder is None:
            self._found.append(entry)
        elif holder.registered:
            why = f"its name belongs to {holder.path!r}, which was registered"
            self._skipped.append(Skipped(entry.path, why))
        else:
            self._moved[holder.id] = entry

    def report(
        self,
        measurements: Mapping[ExperimentId, Measurement],
        readings: Mapping[ExperimentId, FileReading],
    ) -> ScanReport:
        skipped = tuple((printable(one.path), one.reason) for one in self._skipped)
        return ScanReport(tuple(self._found), measurements, readings, self._moved, skipped)


def _verdict(found: Found, refusal: str | None) -> Iterator[Found | Skipped]:
    seen = found.measurement
    if seen.last_event_at is None:
        if seen.problem is not None and seen != MISSING:
            yield Skipped(found.path, seen.problem)
    elif refusal is not None:
        yield Skipped(found.path, refusal)
    else:
        yield found


def _rootless(experiment: Experiment) -> Measurement:
    return _nothing(f"its logdir root {experiment.root!r} is not configured")


def _nothing(problem: str) -> Measurement:
    return Measurement(bytes=0, last_event_at=None, problem=problem)
