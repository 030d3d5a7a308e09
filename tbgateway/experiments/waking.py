"""Which boards show something else after a change of experiments."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tbgateway.domain.model import Description, Experiment, Record, Replacement
from tbgateway.domain.names import BoardId
from tbgateway.store import Store


@dataclass(frozen=True, slots=True)
class Waking:
    """Tells `wake` the boards whose links, states or texts may differ.

    To be called with every committed change: whoever asked for it may be gone by then.
    """

    store: Store
    wake: Callable[[BoardId], None]

    def __call__(self, replacements: Sequence[Replacement]) -> None:
        """Wake the boards around these, and around others whose names these make ambiguous."""
        names = {name for one in replacements for name in self.concerned(*one)}
        experiments = (one for name in names for one in self.store.experiments_named(name))
        shown = (it for one in experiments for it in self.store.boards_showing(one.id))
        for board_id in dict.fromkeys(membership.board_id for membership in shown):
            self.wake(board_id)

    def concerned(self, before: Record | None, after: Record | None) -> Iterator[str]:
        """Yield the names of the experiments of which boards show something else now."""
        if isinstance(after, Description):
            described = self.store.experiments.get(after.experiment_id)
            if described is not None:
                yield described.name
        elif _looks(before) != _looks(after):
            yield from (one.name for one in (before, after) if isinstance(one, Experiment))


def _looks(record: Record | None) -> object:
    """Return what boards show of an experiment's record: not that it grew."""
    if not isinstance(record, Experiment):
        return None
    return record.root, record.name, record.state, record.problem, record.path
