"""Choosing experiments by what is known and said of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tbgateway.domain.description import Condition
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.store import Store
from tbgateway.supervisor.link_plan import display_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What an experiment must be to be chosen: all of this.

    `text` stands in its name or in a tag. `since` (Unix seconds) is when it last wrote, or was
    made if it never did, at the earliest.
    """

    state: ExperimentState | None = None
    text: str | None = None
    tags: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    since: float | None = None

    def among(self, store: Store, experiments: Iterable[Experiment]) -> Iterator[Experiment]:
        """Yield those of these that are to be chosen."""
        text = "" if self.text is None else self.text.casefold()
        for one in experiments:
            fits = self._is_of_state_and_time(one) and self._is_said(store, one)
            if fits and (not text or _holds_text(store, one, text)):
                yield one

    def _is_of_state_and_time(self, one: Experiment) -> bool:
        if self.state is not None and one.state is not self.state:
            return False
        return self.since is None or last_seen(one) >= self.since

    def _is_said(self, store: Store, one: Experiment) -> bool:
        if not self.tags and not self.conditions:
            return True
        description = store.descriptions.get(one.id)
        if description is None:
            return False
        return set(self.tags).issubset(description.tags) and all(
            condition.holds(description.params) for condition in self.conditions
        )


EVERYTHING = Search()


def _holds_text(store: Store, one: Experiment, wanted: str) -> bool:
    if wanted in display_name(store, one).casefold():
        return True
    description = store.descriptions.get(one.id)
    # At once: of 10,000 experiments the tags one by one take longer than all the rest. No tag
    # has a line break in it.
    return description is not None and wanted in "\n".join(description.tags).casefold()


def last_seen(one: Experiment) -> float:
    """Return when the experiment wrote last, or was made if it never did; Unix seconds."""
    return one.created_at if one.last_event_at is None else one.last_event_at
