"""One board's link tree: kept true, and followed until TensorBoard shows the change."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from tbgateway import linktree
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.link_plan import LinkPlan, plan_links, refusals
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.visibility import gone_among, listed_runs, visible_among
from tbgateway.upstream import Upstream

log = structlog.get_logger(__name__)

_SOON = 0.25  # seconds between looks while TensorBoard takes up a change (it reloads every 1 s)
_LATER = 5.0  # seconds between looks for an experiment that has no readable events yet
_AGAIN = 5.0  # seconds until what the file system refused is tried again
_GLANCE = 0.1  # seconds a worker waits for TensorBoard's answer; a slower one is looked at later
_PATIENCE = 15.0  # seconds until a removed experiment that is still listed is called stuck

_NOTHING = LinkPlan({}, {}, {}, {})


class BoardLinks:
    """The tree as it was last made, and what TensorBoard was last seen to list of it.

    `due_at` is when the tree is to be made true again; None while nothing is known against it.
    """

    def __init__(self, board_id: BoardId, means: Means) -> None:
        self.due_at: float | None = 0.0
        self.visible: frozenset[ExperimentId] | None = None
        self._board_id = board_id
        self._means = means
        self._plan = _NOTHING
        self._complaints: frozenset[str] = frozenset()
        self._refused: Mapping[ExperimentId, str] = {}
        self._asking: asyncio.Task[frozenset[str] | None] | None = None
        self._changed_at = means.clock()

    @property
    def problems(self) -> dict[ExperimentId, str]:
        """Why single experiments are not shown: by the records, and by the file system."""
        return {**plan_links(self._means.store, self._board_id).problems, **self._refused}

    def mark_due(self) -> None:
        """Have the tree made true again."""
        self.due_at = 0.0

    def due(self) -> bool:
        """Whether the tree is to be made true now."""
        return self.due_at is not None and self._means.clock() >= self.due_at

    async def sync(self) -> bool:
        """Bring the tree to what the records say; return whether that changed the plan."""
        self.due_at = None
        plan = plan_links(self._means.store, self._board_id)
        tree = self._means.layout.tree(self._board_id)
        staging = self._means.layout.staging(self._board_id)
        changes, refused = await asyncio.to_thread(_make_true, tree, staging, plan)
        self._complain(changes.problems)
        self._refused = refused
        if changes.problems and self.due_at is None and self._board_id in self._means.store.boards:
            self.due_at = self._means.clock() + _AGAIN
        changed, self._plan = plan != self._plan, plan
        if changed:
            self._ask_anew()
        return changed

    def reopen(self) -> None:
        """Forget what a former process listed; a new one is to be asked soon."""
        self.let_go()
        self._changed_at = self._means.clock()

    def let_go(self) -> None:
        """Forget what a process listed that is over."""
        self.visible = None
        self._ask_no_more()

    async def finish_unseen(self) -> None:
        """Complete the removals of a board that has no process: nobody can still see them."""
        self.let_go()
        await self._drop_memberships(frozenset(self._plan.leaving))

    async def follow(self, upstream: Upstream) -> float | None:
        """Ask TensorBoard what it lists; return in how many seconds to ask again, if at all."""
        if self.visible is not None and self._settled():
            return None
        plan, runs = self._plan, await self._listed_runs(upstream)
        if runs is not None:
            self.visible = visible_among(plan.links, runs)
            await self._drop_memberships(gone_among(plan.leaving, plan.links, runs))
        if self._settled():
            return None
        return _SOON if self._means.clock() - self._changed_at < _PATIENCE else _LATER

    @property
    def stuck(self) -> bool:
        """Whether removed experiments are listed although TensorBoard had time to drop them."""
        late = self._means.clock() - self._changed_at >= _PATIENCE
        return late and bool(self._plan.leaving)

    async def _listed_runs(self, upstream: Upstream) -> frozenset[str] | None:
        """Ask, or look whether what was asked before is answered by now; None if it is not."""
        asking = self._asking
        if asking is None:
            # A task, because hung boards must not keep the workers from all others.
            asking = asyncio.create_task(listed_runs(upstream))  # noqa: TID251 - its result is taken below, or it is cancelled
            self._asking = asking
            await asyncio.wait({asking}, timeout=_GLANCE)
        if not asking.done():
            return None
        self._asking = None
        return asking.result()

    def _ask_anew(self) -> None:
        """Begin a new wait; an answer to what was asked before tells nothing of the new plan."""
        self._changed_at = self._means.clock()
        self._ask_no_more()

    def _ask_no_more(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()

    def _complain(self, problems: Sequence[str]) -> None:
        """Log what is new: the same is found again at every try."""
        for problem in problems:
            if problem not in self._complaints:
                log.warning("link tree problem", board=self._board_id, problem=problem)
        self._complaints = frozenset(problems)

    def _settled(self) -> bool:
        return self.visible == frozenset(self._plan.links) and not self._plan.leaving

    async def _drop_memberships(self, experiments: frozenset[ExperimentId]) -> None:
        if not experiments:
            return
        store = self._means.store
        async with store.transaction() as tx:
            for experiment in experiments:
                membership = store.memberships.get((self._board_id, experiment))
                if membership is not None and membership.removing:
                    tx.drop(membership)
        self._plan = plan_links(store, self._board_id)


def _make_true(
    tree: Path, staging: Path, plan: LinkPlan
) -> tuple[linktree.Changes, Mapping[ExperimentId, str]]:
    changes = linktree.reconcile(tree, staging, plan.targets)
    return changes, refusals(tree, plan, changes.problems)
