"""One board's links: kept true, and followed until TensorBoard shows the change."""

from collections.abc import Collection, Mapping

from tbgateway.domain.model import Membership
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.descriptions import Descriptions
from tbgateway.supervisor.listing import Listing
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.reloads import Reloads
from tbgateway.supervisor.root_watch import remember
from tbgateway.supervisor.run_problems import problems_by_experiment
from tbgateway.supervisor.tree import Tree
from tbgateway.supervisor.visibility import gone_among, visible_among
from tbgateway.upstream import Upstream

_PATIENCE = 15.0  # seconds until a removed experiment that is still listed is called stuck


class BoardLinks:
    """The tree, what is out of it to be read anew, and what TensorBoard was last seen to list."""

    def __init__(self, board_id: BoardId, means: Means) -> None:
        self.visible: frozenset[ExperimentId] | None = None
        self._board_id = board_id
        self._means = means
        self._tree = Tree(board_id, means)
        self._descriptions = Descriptions(board_id, means)
        self._reloads = Reloads()
        self._dropped: dict[ExperimentId, str] = {}
        """What was linked for this process, and is kept from it now because of a problem."""
        self._listing = Listing(means.clock)
        self._changed_at = means.clock()

    @property
    def problems(self) -> dict[ExperimentId, str]:
        """Why single experiments are not shown, or not in every dashboard."""
        return {**known_problems(self._means, self._board_id), **self._tree.refused}

    @property
    def flawed(self) -> frozenset[ExperimentId]:
        """Those of the `problems` that do not keep the experiment from being shown."""
        return frozenset(self._means.run_problems.of(self._board_id)) - self._tree.refused.keys()

    @property
    def links(self) -> Mapping[ExperimentId, str]:
        """The experiments that the board shows, and by which names."""
        return self._tree.plan.links

    @property
    def roots(self) -> frozenset[str]:
        """The logdir roots that they lie below."""
        known = self._means.store.experiments
        return frozenset(known[one].root for one in self.links if one in known)

    @property
    def due_at(self) -> float | None:
        """When the tree is to be made true again; None while nothing is known against it."""
        reload_at = None if self.visible is None else self._reloads.due_at
        times = (self._tree.due_at, self._descriptions.due_at, reload_at)
        return min((time for time in times if time is not None), default=None)

    def mark_due(self) -> None:
        """Have the tree made true again."""
        self._tree.mark_due()

    def due(self) -> bool:
        """Whether the tree is to be made true now."""
        return self.due_at is not None and self._means.clock() >= self.due_at

    def reload(self, experiments: Collection[ExperimentId]) -> bool:
        """Have TensorBoard read these anew; return whether any of them is on the board."""
        shown = [one for one in experiments if one in self.links]
        self._reloads.want(shown)
        return bool(shown)

    async def sync(self, *, read: bool = False) -> bool:
        """Bring the tree to what the records say; return whether that changed the plan.

        `read` tells that a process reads the tree, or will in a moment: what its files are like is
        looked at before, so that it is noticed when they are replaced, and it is told what is said
        of the experiments.
        """
        before = self._tree.plan.links
        plan = self._tree.adopt()
        self._drop(before)
        self._means.run_problems.keep_only(self._board_id, plan.links)
        try:
            if read:
                known = self._means.store.experiments
                await remember(self._means.roots, [known[one] for one in plan.links])
            if self.visible is not None:  # not before TensorBoard has said what it lists
                self._reloads.begin(self._means.clock(), plan.links, self.visible)
            planned, linked = await self._tree.make_true(self._reloads.out)
            if read:
                await self._descriptions.tell(plan.links)
        except BaseException:
            self.mark_due()
            raise
        if planned:
            self._changed_at = self._means.clock()
        if planned or linked:
            self._listing.ask_anew()
        return planned

    def heed(self, problems: Mapping[str, str]) -> None:
        """Take what the process says of single runs, by their names."""
        found = problems_by_experiment(self.links, problems)
        self._means.run_problems.learn(self._board_id, found)

    def reopen(self) -> None:
        """Forget what a former process listed; a new one is to be asked soon."""
        self.visible = None
        self._dropped.clear()
        self._changed_at = self._means.clock()
        self._listing.begin()

    def let_go(self) -> None:
        """Forget what a process listed that is over; the next one reads everything anew."""
        self.visible = None
        self._dropped.clear()
        self._descriptions.let_go()
        self._listing.drop()
        if self._reloads.clear():
            self.mark_due()

    async def finish_unseen(self) -> None:
        """Complete the removals of a board that has no process: nobody can still see them."""
        self.let_go()
        await self._drop_memberships(frozenset(self._tree.plan.leaving))

    async def follow(self, upstream: Upstream) -> float | None:
        """Ask TensorBoard what it lists; return in how many seconds to ask again, if at all."""
        if self._settled():
            return None
        plan, runs = self._tree.plan, await self._listing.ask(upstream)
        if runs is not None:
            self.visible = visible_among(plan.links, runs)
            await self._drop_memberships(gone_among(plan.leaving, plan.links, runs))
            for one in gone_among(self._dropped, plan.links, runs):
                del self._dropped[one]
            if self._reloads.end(self._means.clock(), self.visible):
                self.mark_due()
                self._listing.ask_anew()
        return None if self._settled() else self._listing.wait

    @property
    def stuck(self) -> bool:
        """Whether something is listed still although TensorBoard had time to drop it."""
        now = self._means.clock()
        late = now - self._changed_at >= _PATIENCE
        leaving = bool(self._tree.plan.leaving or self._dropped)
        return (late and leaving) or self._reloads.stuck(now)

    def _settled(self) -> bool:
        shown = self.visible == frozenset(self.links)
        return shown and not (self._tree.plan.leaving or self._dropped or self._reloads.out)

    def _drop(self, before: Mapping[ExperimentId, str]) -> None:
        """Note what is not linked any more, though it belongs to the board."""
        if self.visible is not None:  # not before a process has read the tree
            plan = self._tree.plan
            dropped = {**before, **self._dropped}.items()
            kept = plan.links.keys() | plan.leaving.keys()
            self._dropped = {one: name for one, name in dropped if one not in kept}

    async def _drop_memberships(self, experiments: frozenset[ExperimentId]) -> None:
        if not experiments:
            return
        store = self._means.store
        async with store.transaction() as tx:
            for experiment in experiments:
                membership = store.memberships.get((self._board_id, experiment))
                if membership is not None and membership.removing:
                    tx.drop(membership)
        self._tree.forget_leaving(experiments)


def known_problems(means: Means, board_id: BoardId) -> dict[ExperimentId, str]:
    """Tell the problems of a board's experiments: by the records, else by its last process."""
    said = means.run_problems.of(board_id)
    planned = means.plan_problems.of(means.store, board_id)
    members = means.store.memberships
    staying = (one for one in said if not _is_leaving(members.get((board_id, one))))
    return {**{one: said[one] for one in staying}, **planned}


def _is_leaving(membership: Membership | None) -> bool:
    return membership is None or membership.removing
