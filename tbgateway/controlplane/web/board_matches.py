"""Finding boards among a thousand, while everybody else gets a turn."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.turns import in_order, in_turns
from tbgateway.controlplane.web.board_search import BoardSearch, Order
from tbgateway.controlplane.web.means import Means
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, Board, Experiment, Identity, Membership
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.members import who
from tbgateway.telemetry.resources import Sample

_AT_A_TIME = 200  # boards in one piece of work: about a millisecond
_URGENT_FIRST = (
    BoardState.FAILED,
    BoardState.STARTING,
    BoardState.RESTARTING,
    BoardState.RUNNING,
    BoardState.STOPPING,
    BoardState.SLEEPING,
    BoardState.PAUSED,
)
_STATES = {state: place for place, state in enumerate(_URGENT_FIRST)}
_ACCESSES = {access: place for place, access in enumerate(Access)}

Test = Callable[[Board], bool]
Key = float | str


@dataclass(frozen=True, slots=True)
class BoardMatches:
    """Finds the boards somebody looks for, in the order that was asked for."""

    means: Means

    async def find(
        self, identity: Identity, search: BoardSearch, share: LoopShare
    ) -> tuple[Board, ...]:
        """Return all that match; a text may be a part of a name, an owner or an experiment."""
        known = await share.take(partial(self.means.boards.list, identity))
        showing = await self._showing(identity, search.text, share)
        tests = tuple(_tests(identity, search, showing, self.means.boards.state))
        found = await in_turns(share, known, partial(_matching, tests), _AT_A_TIME)
        keys = await in_turns(share, found, partial(self._keys, search.order), _AT_A_TIME)
        return await in_order(share, found, keys, backwards=search.descending)

    async def _showing(
        self, identity: Identity, text: str, share: LoopShare
    ) -> Collection[BoardId]:
        """Return the boards that show an experiment with the text in its name."""
        if not text:
            return frozenset()
        known = await share.take(self.means.experiments.list)
        matching = await in_turns(share, known, partial(self._named, text.casefold()))
        showing = await share.take(partial(self.means.boards.showing, identity))
        return await share.take(partial(showing.of_any, frozenset(matching)))

    def _named(self, text: str, experiments: Sequence[Experiment]) -> list[ExperimentId]:
        name_of = self.means.experiments.display_name
        return [one.id for one in experiments if text in name_of(one).casefold()]

    def _keys(self, order: Order, boards: Sequence[Board]) -> list[Key]:
        key_of = _KEYS[order]
        return [key_of(self.means, one) for one in boards]


def _tests(
    identity: Identity,
    search: BoardSearch,
    showing: Collection[BoardId],
    state_of: Callable[[Board], BoardState],
) -> Iterator[Test]:
    """Yield what a board has to pass, the cheapest first."""
    if search.mine:
        name = who(identity)
        yield lambda one: one.owner == name
    if search.access is not None:
        yield lambda one: one.access is search.access
    if search.text:
        text = search.text.casefold()
        yield lambda one: text in one.name or text in one.owner.casefold() or one.id in showing
    if search.state is not None:
        yield lambda one: state_of(one) is search.state


def _staying(memberships: Iterable[Membership]) -> int:
    return sum(not one.removing for one in memberships)


def _memory(sample: Sample | None) -> int:
    return 0 if sample is None else sample.memory


def _matching(tests: Sequence[Test], boards: Sequence[Board]) -> list[Board]:
    return [one for one in boards if all(test(one) for test in tests)]


_KEYS: Mapping[Order, Callable[[Means, Board], Key]] = {
    Order.NAME: lambda _, board: board.name,
    Order.STATE: lambda means, board: _STATES[means.boards.state(board)],
    Order.EXPERIMENTS: lambda means, board: _staying(means.boards.membership_records(board)),
    Order.MEMORY: lambda means, board: _memory(means.resources.now(board.id)),
    Order.VISIT: lambda _, board: board.last_visited_at or 0.0,
    Order.ACCESS: lambda _, board: _ACCESSES[board.access],
    Order.OWNER: lambda _, board: board.owner.casefold(),
}
"""What is compared; a name is compared as text."""
