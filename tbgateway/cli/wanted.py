"""Which experiments are asked for: of the gateway at first, then of each that changes."""

from dataclasses import dataclass
from datetime import datetime

from tbgateway.client import Client, Experiment
from tbgateway.domain.description import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Experiments for which all of this holds; `text` is searched for in names and tags."""

    state: str | None = None
    text: str | None = None
    tags: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    written: tuple[str, ...] = ()
    """The conditions as somebody wrote them."""
    since: datetime | None = None

    def found(self, client: Client) -> tuple[Experiment, ...]:
        """Ask the gateway for them."""
        return client.experiments.list(
            state=self.state,
            text=self.text,
            tags=self.tags,
            params=self.written,
            since=self.since,
        )

    def takes(self, one: Experiment) -> bool:
        """Whether this is one of them, as it is now."""
        return (
            self.state in {None, one.state}
            and set(self.tags) <= set(one.tags)
            and all(condition.holds(one.params) for condition in self.conditions)
            and (self.since is None or (one.last_event_at or one.created_at) >= self.since)
            and self._names(one)
        )

    def _names(self, one: Experiment) -> bool:
        sought = (self.text or "").casefold()
        return any(sought in text.casefold() for text in (one.name, *one.tags))
