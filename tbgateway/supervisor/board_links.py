"""One board's link tree: kept true, and followed until TensorBoard shows the change."""

import asyncio

import structlog

from tbgateway import linktree
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.link_plan import LinkPlan, plan_links
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.visibility import gone_among, listed_runs, visible_among
from tbgateway.upstream import Upstream

log = structlog.get_logger(__name__)

_SOON = 0.25  # seconds between looks while TensorBoard takes up a change (it reloads every 1 s)
_LATER = 5.0  # seconds between looks for an experiment that has no readable events yet
_PATIENCE = 15.0  # seconds until a removed experiment that is still listed is called stuck

_NOTHING = LinkPlan({}, {}, {}, {})


class BoardLinks:
    """The tree as it was last made, and what TensorBoard was last seen to list of it."""

    def __init__(self, board_id: BoardId, means: Means) -> None:
        self.due = True
        self.visible: frozenset[ExperimentId] | None = None
        self._board_id = board_id
        self._means = means
        self._plan = _NOTHING
        self._changed_at = means.clock()

    @property
    def problems(self) -> dict[ExperimentId, str]:
        """Why single experiments are not shown."""
        return dict(self._plan.problems)

    async def sync(self) -> bool:
        """Bring the tree to what the records say; return whether that changed the plan."""
        self.due = False
        plan = plan_links(self._means.store, self._board_id)
        layout = self._means.layout
        changes = await asyncio.to_thread(
            linktree.reconcile,
            layout.tree(self._board_id),
            layout.staging(self._board_id),
            plan.targets,
        )
        for problem in changes.problems:
            log.warning("link tree problem", board=self._board_id, problem=problem)
        changed, self._plan = plan != self._plan, plan
        if changed:
            self._changed_at = self._means.clock()
        return changed

    def reopen(self) -> None:
        """Forget what a former process listed; a new one is to be asked soon."""
        self.visible = None
        self._changed_at = self._means.clock()

    async def finish_unseen(self) -> None:
        """Complete the removals of a board that has no process: nobody can still see them."""
        self.visible = None
        await self._drop_memberships(frozenset(self._plan.leaving))

    async def follow(self, upstream: Upstream) -> float | None:
        """Ask TensorBoard what it lists; return in how many seconds to ask again, if at all."""
        if self.visible is not None and self._settled():
            return None
        plan, runs = self._plan, await listed_runs(upstream)
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
