"""Saying of experiments what their event files do not: parameters, tags and notes."""

from dataclasses import dataclass, field

from tbgateway.discovery import FileReading
from tbgateway.domain.description import Edit, Told, edited, told_of
from tbgateway.domain.description_file import FileNews, last_end, news_of
from tbgateway.domain.experiment_state import ended, knows, lost
from tbgateway.domain.model import Description, Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Describing:
    """Changes descriptions within transactions that change nothing else of them."""

    store: Store
    _begun: dict[ExperimentId, float] = field(default_factory=dict)
    """When those began whose files scans may have read before, by a clock that is never set."""

    def of(self, experiment: ExperimentId) -> Description:
        """Return what is said of the experiment: an empty description if nothing is."""
        found = self.store.descriptions.get(experiment)
        return Description(experiment_id=experiment) if found is None else found

    def lost(self, experiment: Experiment, now: float) -> Experiment:
        """Return the experiment after its script was lost: ended as its file says, if it does.

        Then the script was cut off while it told its end. One that is known, or that tells no time
        to know it by, may be the end of an earlier life. `now` is Unix seconds.
        """
        end = last_end(self.of(experiment.id))
        if end is None or end.ended_at is None or knows(experiment, end):
            return lost(experiment)
        return ended(experiment, end, now)

    def edit(self, tx: Transaction, experiment: ExperimentId, edit: Edit) -> bool:
        """Change what is said; return whether that changed anything. Raise InvalidInputError."""
        before = self.of(experiment)
        return _put(tx, before, edited(before, edit))

    def tell(self, tx: Transaction, experiment: ExperimentId, told: Told) -> None:
        """Add what is said of an experiment as it is registered. Raise InvalidInputError."""
        before = self.of(experiment)
        _put(tx, before, told_of(before, told))

    def begin(
        self,
        tx: Transaction,
        experiment: ExperimentId,
        told: Told,
        reading: FileReading | None,
        looked_at: float,
    ) -> None:
        """Do the same for one that begins: an end that its file tells already is over.

        The look at its directory began then, by a clock that is never set. Raise InvalidInputError.
        """
        self._begun[experiment] = looked_at if reading is None else reading.at
        before = after = self.of(experiment)
        if reading is not None:
            after = news_of(before, reading.says, reading.problem).description
        _put(tx, before, told_of(after, told))

    def news(self, experiment: ExperimentId, reading: FileReading) -> FileNews | None:
        """Return what a scan read in the experiment's file that was not known; None for nothing."""
        if reading.at < self._begun.get(experiment, 0.0):
            return None  # of an earlier life
        before = self.of(experiment)
        if reading.content == before.file and reading.problem == before.problem:
            return None
        news = news_of(before, reading.says, reading.problem)
        unchanged = news.description is before and news.end is None and news.past is None
        return None if unchanged else news

    def forget_begun(self, before: float) -> None:
        """Forget who began before a scan began that is over: no earlier reading is on its way."""
        for one in [one for one, at in self._begun.items() if at < before]:
            del self._begun[one]


def _put(tx: Transaction, before: Description, after: Description) -> bool:
    if after is before:
        return False
    tx.put(after)
    return True
