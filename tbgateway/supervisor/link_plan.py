"""What a board's link tree should hold, worked out from the records."""

from collections.abc import Mapping
from dataclasses import dataclass

from tbgateway.domain.model import Experiment, Membership
from tbgateway.domain.names import BoardId, ExperimentId, find_shadow
from tbgateway.store import Store


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """`links` shall be there; `leaving` are on their way out; `problems` are left out, and why."""

    links: Mapping[ExperimentId, str]
    targets: Mapping[str, str]
    leaving: Mapping[ExperimentId, str]
    problems: Mapping[ExperimentId, str]


def display_name(store: Store, experiment: Experiment) -> str:
    """Return the name people see: `root:name` where the same name exists in two roots."""
    alone = len(store.experiments_named(experiment.name)) == 1
    return experiment.name if alone else f"{experiment.root}:{experiment.name}"


def plan_links(store: Store, board_id: BoardId) -> LinkPlan:
    """Work out the tree of one board; an experiment that must not be shown is a problem."""
    links: dict[ExperimentId, str] = {}
    targets: dict[str, str] = {}
    leaving: dict[ExperimentId, str] = {}
    problems: dict[ExperimentId, str] = {}
    for membership in store.memberships_of(board_id):
        experiment = store.experiments[membership.experiment_id]
        name = display_name(store, experiment)
        if membership.removing:
            leaving[experiment.id] = name
            continue
        problem = _problem(experiment, membership, name, targets)
        if problem is None:
            links[experiment.id] = name
            targets[name] = experiment.path
        else:
            problems[experiment.id] = problem
    return LinkPlan(links, targets, leaving, problems)


def _problem(
    experiment: Experiment, membership: Membership, name: str, targets: Mapping[str, str]
) -> str | None:
    del membership
    if experiment.problem is not None:
        return experiment.problem
    # A rename elsewhere may bring a shadow into an existing board: the earlier member stays.
    shadow = find_shadow([*targets, name])
    return None if shadow is None else f"{shadow[1]!r} would lie inside {shadow[0]!r}"
