"""One board's link tree: what it shall hold by the records, and what became of that."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import structlog

from tbgateway import linktree
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.link_plan import LinkPlan, refusals
from tbgateway.supervisor.means import Means

log = structlog.get_logger(__name__)

_AGAIN = 5.0  # seconds until what the file system refused is tried again
_NOTHING = LinkPlan({}, {}, {}, {})


class Tree:
    """The `plan` is what was last adopted; `refused` are experiments not linked as planned."""

    def __init__(self, board_id: BoardId, means: Means) -> None:
        self.plan = _NOTHING
        self.refused: Mapping[ExperimentId, str] = {}
        self.due_at: float | None = 0.0
        """When it is to be made true; None while nothing is known against it."""
        self._board_id = board_id
        self._means = means
        self._made = _NOTHING
        self._complaints: frozenset[str] = frozenset()

    def mark_due(self) -> None:
        """Have it made true again."""
        self.due_at = 0.0

    def adopt(self) -> LinkPlan:
        """Plan anew, from the records as they are."""
        self.due_at = None
        self.plan = self._means.plan_problems.plan(self._means.store, self._board_id)
        return self.plan

    async def make_true(self, out: Collection[ExperimentId]) -> tuple[bool, bool]:
        """Make the links, but not of those `out`; return whether plan and links are new ones."""
        tree = self._means.layout.tree(self._board_id)
        staging = self._means.layout.staging(self._board_id)
        plan = self.plan.without(out)
        changes, self.refused = await asyncio.to_thread(_make_true, tree, staging, plan)
        self._complain(changes.problems)
        if changes.problems and self._board_id in self._means.store.boards:
            again = self._means.clock() + _AGAIN
            self.due_at = again if self.due_at is None else self.due_at
        before, self._made = self._made, self.plan
        return before != self.plan, bool(changes)

    def forget_leaving(self, experiments: Collection[ExperimentId]) -> None:
        """Note that these have left; what else the records say by now is for the next plan."""
        self.plan = self._made = self.plan.without_leaving(experiments)

    def _complain(self, problems: Sequence[str]) -> None:
        """Log what is new: the same is found again at every try."""
        for problem in problems:
            if problem not in self._complaints:
                log.warning("link tree problem", board=self._board_id, problem=problem)
        self._complaints = frozenset(problems)


def _make_true(
    tree: Path, staging: Path, plan: LinkPlan
) -> tuple[linktree.Changes, Mapping[ExperimentId, str]]:
    changes = linktree.reconcile(tree, staging, plan.targets)
    return changes, refusals(tree, plan, changes.problems)
