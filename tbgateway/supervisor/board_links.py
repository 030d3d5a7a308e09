"""One board's link tree: kept true, and followed until TensorBoard shows the change."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import structlog

from tbgateway import linktree
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.link_plan import LinkPlan, plan_links, refusals
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.reloads import Reloads
from tbgateway.supervisor.run_problems import problems_by_experiment
from tbgateway.supervisor.visibility import gone_among, listed_runs, visible_among
from tbgateway.upstream import Upstream

log = structlog.get_logger(__name__)

_SOON = 0.25  # seconds between looks while TensorBoard takes up a change (it reloads every 1 s)
_LATER = 5.0  # seconds between looks for an experiment that has no readable events yet
_AGAIN = 5.0  # seconds until what the file system refused is tried again
_GLANCE = 0.1  # seconds a worker waits for TensorBoard's answer; a slower one is looked at later
_BREATH = 0.1  # seconds for those who waited for a process, before it is asked what it lists
_PATIENCE = 15.0  # seconds until a removed experiment that is still listed is called stuck

_NOTHING = LinkPlan({}, {}, {}, {})


class BoardLinks:
    """The tree as it was last made, and what TensorBoard was last seen to list of it."""

    def __init__(self, board_id: BoardId, means: Means) -> None:
        self.visible: frozenset[ExperimentId] | None = None
        self._board_id = board_id
        self._means = means
        self._sync_at: float | None = 0.0
        self._plan = _NOTHING
        self._reloads = Reloads()
        self._complaints: frozenset[str] = frozenset()
        self._refused: Mapping[ExperimentId, str] = {}
        self._asking: asyncio.Task[frozenset[str] | None] | None = None
        self._changed_at = means.clock()
        self._soon_until = self._ask_from = 0.0

    @property
    def problems(self) -> dict[ExperimentId, str]:
        """Why single experiments are not shown, or not in every dashboard."""
        return {**known_problems(self._means, self._board_id), **self._refused}

    @property
    def flawed(self) -> frozenset[ExperimentId]:
        """Those of the `problems` that do not keep the experiment from being shown."""
        return frozenset(self._means.run_problems.of(self._board_id)) - self._refused.keys()

    @property
    def links(self) -> Mapping[ExperimentId, str]:
        """The experiments that the board shows, and by which names."""
        return self._plan.links

    @property
    def reloading(self) -> frozenset[ExperimentId]:
        """The experiments that are out of the tree for a moment, to be read anew."""
        return self._reloads.out

    @property
    def due_at(self) -> float | None:
        """When the tree is to be made true again; None while nothing is known against it."""
        reload_at = None if self.visible is None else self._reloads.due_at
        times = (time for time in (self._sync_at, reload_at) if time is not None)
        return min(times, default=None)

    def mark_due(self) -> None:
        """Have the tree made true again."""
        self._sync_at = 0.0

    def due(self) -> bool:
        """Whether the tree is to be made true now."""
        return self.due_at is not None and self._means.clock() >= self.due_at

    def reload(self, experiments: Collection[ExperimentId]) -> bool:
        """Have TensorBoard read these anew; return whether any of them is on the board."""
        shown = [one for one in experiments if one in self._plan.links]
        self._reloads.want(shown)
        return bool(shown)

    async def sync(self) -> bool:
        """Bring the tree to what the records say; return whether that changed the plan."""
        self._sync_at = None
        plan = plan_links(self._means.store, self._board_id)
        reloading = self._begin_reloads(plan)
        await self._make_true(plan.without(self._reloads.out))
        changed, self._plan = plan != self._plan, plan
        if changed:
            self._changed_at = self._means.clock()
            self._means.run_problems.keep_only(self._board_id, plan.links)
        if changed or reloading:
            self._ask_anew()
        return changed

    def heed(self, problems: Mapping[str, str]) -> None:
        """Take what the process says of single runs, by their names."""
        found = problems_by_experiment(self._plan.links, problems)
        self._means.run_problems.learn(self._board_id, found)

    def reopen(self) -> None:
        """Forget what a former process listed; a new one is to be asked soon."""
        self.visible = None
        self._changed_at = self._means.clock()
        self._ask_from = self._changed_at + _BREATH
        self._ask_anew()

    def let_go(self) -> None:
        """Forget what a process listed that is over; the next one reads everything anew."""
        self.visible = None
        self._ask_no_more()
        if self._reloads.clear():
            self.mark_due()

    async def finish_unseen(self) -> None:
        """Complete the removals of a board that has no process: nobody can still see them."""
        self.let_go()
        await self._drop_memberships(frozenset(self._plan.leaving))

    async def follow(self, upstream: Upstream) -> float | None:
        """Ask TensorBoard what it lists; return in how many seconds to ask again, if at all."""
        if self.visible is not None and self._settled():
            return None
        if self._means.clock() < self._ask_from:
            return self._ask_from - self._means.clock()
        plan, runs = self._plan, await self._listed_runs(upstream)
        if runs is not None:
            self.visible = visible_among(plan.links, runs)
            await self._drop_memberships(gone_among(plan.leaving, plan.links, runs))
            if self._reloads.end(self._means.clock(), self.visible):
                self.mark_due()
                self._ask_anew()
        if self._settled():
            return None
        return _SOON if self._means.clock() < self._soon_until else _LATER

    @property
    def stuck(self) -> bool:
        """Whether something is listed still although TensorBoard had time to drop it."""
        now = self._means.clock()
        late = now - self._changed_at >= _PATIENCE
        return (late and bool(self._plan.leaving)) or self._reloads.stuck(now)

    def _begin_reloads(self, plan: LinkPlan) -> bool:
        """Take out what is due, but not before TensorBoard has said what it lists."""
        visible = self.visible
        return visible is not None and self._reloads.begin(self._means.clock(), plan.links, visible)

    async def _make_true(self, plan: LinkPlan) -> None:
        tree = self._means.layout.tree(self._board_id)
        staging = self._means.layout.staging(self._board_id)
        changes, self._refused = await asyncio.to_thread(_make_true, tree, staging, plan)
        self._complain(changes.problems)
        if changes.problems and self._board_id in self._means.store.boards:
            again = self._means.clock() + _AGAIN
            self._sync_at = again if self._sync_at is None else self._sync_at

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
        """Begin a new wait; an answer to what was asked before tells nothing of the new tree."""
        self._soon_until = self._means.clock() + _PATIENCE
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
        shown = self.visible == frozenset(self._plan.links)
        return shown and not self._plan.leaving and not self._reloads.out

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


def known_problems(means: Means, board_id: BoardId) -> dict[ExperimentId, str]:
    """Tell the problems of a board's experiments: by the records, else by its last process."""
    plan = plan_links(means.store, board_id)
    said = means.run_problems.of(board_id)
    return {**{one: why for one, why in said.items() if one in plan.links}, **plan.problems}


def _make_true(
    tree: Path, staging: Path, plan: LinkPlan
) -> tuple[linktree.Changes, Mapping[ExperimentId, str]]:
    changes = linktree.reconcile(tree, staging, plan.targets)
    return changes, refusals(tree, plan, changes.problems)
