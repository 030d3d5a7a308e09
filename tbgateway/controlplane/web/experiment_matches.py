"""Finding experiments among ten thousand, while everybody else gets a turn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tbgateway.controlplane.turns import in_order, in_turns
from tbgateway.controlplane.web.experiment_search import ExperimentSearch, Order, Shown
from tbgateway.controlplane.web.means import Means
from tbgateway.domain.model import Experiment, ExperimentState, Identity
from tbgateway.experiments import last_seen

_STATES = {state: place for place, state in enumerate(ExperimentState)}

Test = Callable[[Experiment], bool]
Key = tuple[float | str, str]
"""What is compared first, and what else."""


@dataclass(frozen=True, slots=True)
class ExperimentMatches:
    """Finds what somebody looks for, in the order that was asked for."""

    means: Means

    async def find(
        self,
        identity: Identity,
        search: ExperimentSearch,
        among: Sequence[Experiment] | None = None,
    ) -> tuple[Experiment, ...]:
        """Return all that match, of these or of all that there are.

        The boards that count are those that `identity` may see.
        """
        share = self.means.share
        known = await share.take(self.means.experiments.list) if among is None else among
        tests = await share.take(partial(self._tests, identity, search))
        found = await in_turns(share, known, partial(_matching, tests)) if tests else known
        keys = await in_turns(share, found, partial(self._keys, search))
        backwards = search.order is Order.NAME and search.descending
        return await in_order(share, found, keys, backwards=backwards)

    def _tests(self, identity: Identity, search: ExperimentSearch) -> Sequence[Test]:
        return tuple(self._each_test(identity, search))

    def _each_test(self, identity: Identity, search: ExperimentSearch) -> Iterator[Test]:
        """Yield what an experiment has to pass, the cheapest first."""
        if search.state is not None:
            yield lambda one: one.state is search.state
        if search.root:
            yield lambda one: one.root == search.root
        if search.problem:
            yield lambda one: one.problem is not None
        if search.boards is not None:
            on_boards = self.means.boards.showing(identity).experiments()
            wanted = search.boards is Shown.SOME
            yield lambda one: (one.id in on_boards) is wanted
        if search.since is not None:
            begin = self.means.clock() - search.since.seconds
            yield lambda one: last_seen(one) >= begin
        if words := search.words:
            known = self.means.experiments
            name_of, describe = known.display_name, known.description
            yield lambda one: words.fits(partial(name_of, one), describe(one.id))

    def _keys(self, search: ExperimentSearch, experiments: Sequence[Experiment]) -> list[Key]:
        value_of = _VALUES.get(search.order)
        if value_of is None:
            name_of = self.means.experiments.display_name
            return [(name_of(one), one.id) for one in experiments]
        sign = -1.0 if search.descending else 1.0
        return [(sign * value_of(one), one.name) for one in experiments]


def _matching(tests: Sequence[Test], experiments: Sequence[Experiment]) -> list[Experiment]:
    return [one for one in experiments if all(test(one) for test in tests)]


_VALUES: Mapping[Order, Callable[[Experiment], float]] = {
    Order.STATE: lambda one: _STATES[one.state],
    Order.SIZE: lambda one: one.bytes,
    Order.EVENT: lambda one: one.last_event_at or 0.0,
}
"""What is compared; a name is compared as text."""
