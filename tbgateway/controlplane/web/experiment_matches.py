"""Finding experiments among ten thousand, while everybody else gets a turn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tbgateway.boards import Boards
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.web.experiment_search import ExperimentSearch, Order, Shown
from tbgateway.domain.model import Experiment, ExperimentState, Identity
from tbgateway.experiments import Experiments

_AT_A_TIME = 500  # experiments in one piece of work: a millisecond or so
_STATES = {state: place for place, state in enumerate(ExperimentState)}

Test = Callable[[Experiment], bool]
Key = tuple[float | str, str, int]
"""What is sorted: the value, the name, and which experiment it is."""


@dataclass(frozen=True, slots=True)
class ExperimentMatches:
    """Finds what somebody looks for, in the order that was asked for."""

    experiments: Experiments
    boards: Boards

    async def find(
        self, identity: Identity, search: ExperimentSearch, share: LoopShare
    ) -> tuple[Experiment, ...]:
        """Return all that match; the boards that count are those that `identity` may see."""
        known = await share.take(self.experiments.list)
        tests = await share.take(partial(self._tests, identity, search))
        found: list[Experiment] = []
        keys: list[Key] = []
        for begin in range(0, len(known), _AT_A_TIME):
            part = known[begin : begin + _AT_A_TIME]
            matching = await share.take(partial(_matching, part, tests))
            keys += await share.take(partial(self._keys, search, matching, len(found)))
            found += matching
        backwards = search.order is Order.NAME and search.descending
        await share.take(partial(keys.sort, reverse=backwards))
        return tuple(found[key[2]] for key in keys)

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
            on_boards = self.boards.showing(identity).experiments()
            wanted = search.boards is Shown.SOME
            yield lambda one: (one.id in on_boards) is wanted
        if search.text:
            text, name_of = search.text.casefold(), self.experiments.display_name
            yield lambda one: text in name_of(one).casefold()

    def _keys(
        self, search: ExperimentSearch, experiments: Sequence[Experiment], first: int
    ) -> list[Key]:
        value_of = _VALUES.get(search.order)
        if value_of is None:
            name_of = self.experiments.display_name
            return [(name_of(one), one.id, first + n) for n, one in enumerate(experiments)]
        sign = -1.0 if search.descending else 1.0
        return [(sign * value_of(one), one.name, first + n) for n, one in enumerate(experiments)]


def _matching(experiments: Sequence[Experiment], tests: Sequence[Test]) -> Sequence[Experiment]:
    if not tests:
        return experiments
    return [one for one in experiments if all(test(one) for test in tests)]


_VALUES: Mapping[Order, Callable[[Experiment], float]] = {
    Order.STATE: lambda one: _STATES[one.state],
    Order.SIZE: lambda one: one.bytes,
    Order.EVENT: lambda one: one.last_event_at or 0.0,
}
"""What is compared; a name is compared as text."""
