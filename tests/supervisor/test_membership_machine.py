"""Whatever people and files do, it can be said of each membership how it stands, and why.

The machine keeps a tree as `supervisor.board_links` does, with a TensorBoard that is a set of
names: it takes up the tree when it reloads, and not before.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as HypothesisPhase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tbgateway.domain.errors import NamesShadowError
from tbgateway.domain.model import Experiment, Membership
from tbgateway.domain.names import BoardId, ExperimentId, check_no_shadow
from tbgateway.store import Store
from tbgateway.supervisor.link_plan import LinkPlan, plan_links
from tbgateway.supervisor.reloads import Reloads
from tbgateway.supervisor.visibility import gone_among, visible_among

BOARD = BoardId("tb0000000001")
PLACES = [
    (root, name)
    for root in ("runs", "team")
    for name in ("a", "b", "a/x", "a/x/y", "b/x", "runs:a", "long/" + "n" * 190)
]
TURN = ("sync", "reload", "follow")
"""What follows upon a change, in this order, until it is seen."""
PATIENCE = 10
"""So many turns of everybody are enough for everything to be as it is wanted."""
Plan = Callable[[Store, BoardId], LinkPlan]


class Records:
    """As much of a store as a plan reads."""

    def __init__(self) -> None:
        self.experiments: dict[ExperimentId, Experiment] = {}
        self.memberships: dict[ExperimentId, Membership] = {}

    def memberships_of(self, _: BoardId) -> tuple[Membership, ...]:
        found = self.memberships.values()
        return tuple(sorted(found, key=lambda one: (one.added_at, one.experiment_id)))

    def experiments_named(self, name: str) -> tuple[Experiment, ...]:
        return tuple(one for one in self.experiments.values() if one.name == name)


class Memberships(RuleBasedStateMachine):
    """One board with a running TensorBoard."""

    plan_links: Plan = staticmethod(plan_links)

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.records = Records()
        self.reloads = Reloads()
        self.tree: dict[str, str] = {}
        self.listed: frozenset[str] = frozenset()
        self.visible: frozenset[ExperimentId] | None = None
        self.plan = self._planned()
        self.done: tuple[str, ...] = ()

    # --- people and files

    @rule(place=st.sampled_from(PLACES))
    def add(self, place: tuple[str, str]) -> None:
        root, name = place
        key = ExperimentId(f"ex{PLACES.index(place):010x}")
        path = f"/{root}/{name}"
        experiment = Experiment(id=key, root=root, name=name, path=path, created_at=0.0)
        self.done = ()
        self.records.experiments.setdefault(key, experiment)
        self.records.memberships[key] = Membership(
            board_id=BOARD, experiment_id=key, added_at=self.now
        )

    @precondition(lambda self: self.records.memberships)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.records.memberships)))
        self.records.memberships[key] = replace(self.records.memberships[key], removing=True)
        self.done = ()

    @precondition(lambda self: self.records.experiments)
    @rule(data=st.data(), problem=st.sampled_from([None, "its directory is missing"]))
    def change(self, data: st.DataObject, problem: str | None) -> None:
        key = data.draw(st.sampled_from(sorted(self.records.experiments)))
        self.records.experiments[key] = replace(self.records.experiments[key], problem=problem)
        self.done = ()

    @precondition(lambda self: self.plan.links)
    @rule(data=st.data())
    def replace_files(self, data: st.DataObject) -> None:
        self.reloads.want([data.draw(st.sampled_from(sorted(self.plan.links)))])

    # --- the gateway and TensorBoard

    @rule()
    def sync(self) -> None:
        self.plan = self._planned()
        if self.visible is not None:
            self.reloads.begin(self.now, self.plan.links, self.visible)
        self.tree = dict(self.plan.without(self.reloads.out).targets)
        self.done = ("sync",)

    @rule()
    def reload(self) -> None:
        self.listed = frozenset(f"{name}/train" for name in self.tree)
        self._did("reload")

    @rule()
    def follow(self) -> None:
        self.visible = visible_among(self.plan.links, self.listed)
        for key in gone_among(self.plan.leaving, self.plan.links, self.listed):
            if key in self.records.memberships and self.records.memberships[key].removing:
                del self.records.memberships[key]
        self._did("follow")
        if self.reloads.end(self.now, self.visible):
            self.done = ()

    @rule(seconds=st.sampled_from([1.0, 5.0, 20.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def crash(self) -> None:
        self.visible = None
        self.listed = frozenset()
        self.reloads.clear()
        self.done = ()

    @rule()
    def everything_comes_to_rest(self) -> None:
        """After some turns all that shall be seen is seen, and what shall go is gone."""
        for _ in range(PATIENCE):
            self.now += 5.0
            self.sync()
            self.reload()
            self.follow()
        assert self.visible == frozenset(self.plan.links)
        assert not self.plan.leaving
        assert not self.reloads.out
        assert set(self.records.memberships) == set(self.plan.links) | set(self.plan.problems)

    # --- what holds whatever happened

    @invariant()
    def each_membership_is_linked_or_leaving_or_has_a_problem(self) -> None:
        plan = self._planned()
        assert sorted((*plan.links, *plan.leaving, *plan.problems)) == sorted(
            self.records.memberships
        )
        assert all(plan.problems.values())
        leaving = {key for key, one in self.records.memberships.items() if one.removing}
        assert set(plan.leaving) == leaving

    @invariant()
    def links_can_stand_in_one_tree_and_lead_where_they_should(self) -> None:
        plan = self._planned()
        check_no_shadow(plan.targets)
        experiments = self.records.experiments
        assert plan.targets == {name: experiments[one].path for one, name in plan.links.items()}
        assert len(plan.targets) == len(plan.links)

    @invariant()
    def what_is_not_seen_is_out_for_a_moment_or_waits_for_a_turn(self) -> None:
        if self.done == TURN:
            assert self.visible is not None
            seen, out = frozenset(self.visible), self.reloads.out
            assert seen | out == frozenset(self.plan.links)
            assert not seen & out

    def _did(self, what: str) -> None:
        """Count a turn's step, if it comes in its place; a later one makes those after it stale."""
        place = TURN.index(what)
        if len(self.done) >= place:
            self.done = (*TURN[:place], what)

    def _planned(self) -> LinkPlan:
        return type(self).plan_links(cast("Store", self.records), BOARD)


TestMemberships = Memberships.TestCase
TestMemberships.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


# --- broken plans


def _forgets_problems(store: Store, board: BoardId) -> LinkPlan:
    return replace(plan_links(store, board), problems={})


def _says_nothing_of_problems(store: Store, board: BoardId) -> LinkPlan:
    plan = plan_links(store, board)
    return replace(plan, problems=dict.fromkeys(plan.problems, ""))


def _links_what_leaves(store: Store, board: BoardId) -> LinkPlan:
    plan = plan_links(store, board)
    return replace(plan, links={**plan.leaving, **plan.links})


def _links_shadows(store: Store, board: BoardId) -> LinkPlan:
    plan = plan_links(store, board)
    shadows = {one: store.experiments[one].name for one in plan.problems}
    targets = {name: store.experiments[one].path for one, name in shadows.items()}
    return LinkPlan(
        {**plan.links, **shadows}, {**plan.targets, **targets}, plan.leaving, problems={}
    )


QUICK = settings(
    max_examples=200,
    stateful_step_count=30,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[HypothesisPhase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.mark.parametrize(
    "broken",
    [_forgets_problems, _says_nothing_of_problems, _links_what_leaves, _links_shadows],
    ids=lambda broken: broken.__name__,
)
def test_a_broken_plan_is_caught(broken: Plan) -> None:
    class BrokenMemberships(Memberships):
        plan_links = staticmethod(broken)

    with pytest.raises((AssertionError, NamesShadowError)):
        run_state_machine_as_test(BrokenMemberships, settings=QUICK)
