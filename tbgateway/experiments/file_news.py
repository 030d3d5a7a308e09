"""What a scan read in the files that describe experiments, and was not known."""

from collections.abc import Iterator, Mapping

from tbgateway.discovery import NO_FILE, FileReading, Found, ScanReport
from tbgateway.domain.description_file import FileNews, was_too_much
from tbgateway.domain.model import Description
from tbgateway.domain.names import ExperimentId
from tbgateway.experiments.describing import Describing
from tbgateway.experiments.turns import in_turns
from tbgateway.store import Store


class NewsOfFiles:
    """Compares what scans read with what is stored: each reading once, unless it got lost.

    One that was too much together with what people added is tried again when they changed that.
    """

    def __init__(self, store: Store, describing: Describing) -> None:
        self._store = store
        self._describing = describing
        self._taken: Mapping[ExperimentId, FileReading] = {}
        self._offered: Mapping[ExperimentId, FileReading] = {}
        self._too_much = dict[ExperimentId, Description]()
        """What was said of those whose files say more than there is room for."""

    async def news(
        self, report: ScanReport, found: Mapping[ExperimentId, Found]
    ) -> Mapping[ExperimentId, FileNews]:
        """Return what is news of which experiment; to be called within a transaction.

        `found` are the places of experiments that are new.
        """
        places = {key: one.reading for key, one in found.items() if one.reading is not None}
        self._offered = {**self._gone(report), **report.readings, **places}
        news: dict[ExperimentId, FileNews] = {}
        async for key, reading in in_turns(tuple(self._fresh())):
            is_known = key in self._store.experiments or key in found
            told = self._describing.news(key, reading) if is_known else None
            if told is not None:
                news[key] = told
            self._note(key, told)
        return news

    def took(self, scan_begun: float) -> None:
        """Note that the news are stored; the scan began then, by a clock that is never set."""
        self._taken = self._offered
        self._too_much = {key: one for key, one in self._too_much.items() if key in self._taken}
        self._describing.forget_begun(scan_begun)

    def _fresh(self) -> Iterator[tuple[ExperimentId, FileReading]]:
        """Yield the readings that are to be compared."""
        for key, reading in self._offered.items():
            refused = self._too_much.get(key)
            has_changed = refused is not None and self._describing.of(key) != refused
            if has_changed or self._taken.get(key) is not reading:
                yield key, reading

    def _note(self, key: ExperimentId, told: FileNews | None) -> None:
        """Remember whether there was room for what was read, once it is compared."""
        description = self._describing.of(key) if told is None else told.description
        if was_too_much(description):
            self._too_much[key] = description
        else:
            self._too_much.pop(key, None)

    def _gone(self, report: ScanReport) -> Mapping[ExperimentId, FileReading]:
        """Return those whose files had a problem, and are not there any more."""
        return {
            key: NO_FILE
            for key, description in self._store.descriptions.items()
            if description.problem
            and key not in report.readings
            and (seen := report.measurements.get(key)) is not None
            and seen.problem is None
        }
