"""What a board's link tree should hold, worked out from the records."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import BoardId, ExperimentId, check_experiment_name
from tbgateway.store import Store


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """`links` shall be there; `leaving` are on their way out; `problems` are left out, and why."""

    links: Mapping[ExperimentId, str]
    targets: Mapping[str, str]
    leaving: Mapping[ExperimentId, str]
    problems: Mapping[ExperimentId, str]

    def without(self, experiments: Collection[ExperimentId]) -> Self:
        """Return the same plan, with the links of these left out for the moment."""
        if not experiments:
            return self
        links = {one: name for one, name in self.links.items() if one not in experiments}
        targets = {name: self.targets[name] for name in links.values()}
        return replace(self, links=links, targets=targets)

    def without_leaving(self, experiments: Collection[ExperimentId]) -> Self:
        """Return the same plan, when these have left."""
        leaving = {one: name for one, name in self.leaving.items() if one not in experiments}
        return replace(self, leaving=leaving)


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
    directories: dict[str, str] = {}
    for membership in store.memberships_of(board_id):
        experiment = store.experiments[membership.experiment_id]
        name = display_name(store, experiment)
        if membership.removing:
            leaving[experiment.id] = name
            continue
        problem = _problem(experiment, name) or _shadow(name, targets, directories)
        if problem is None:
            links[experiment.id] = name
            targets[name] = experiment.path
            directories.update(dict.fromkeys(_parents(name), name))
        else:
            problems[experiment.id] = problem
    return LinkPlan(links, targets, leaving, problems)


def refusals(tree: Path, plan: LinkPlan, problems: Sequence[str]) -> dict[ExperimentId, str]:
    """Tell, of each experiment whose link is not as planned, which of `problems` is to blame.

    They are what `linktree.reconcile` could not bring about; each begins with a name in `tree`.
    """
    if not problems:
        return {}
    wrong = {one: name for one, name in plan.links.items() if not _leads(tree / name, plan, name)}
    wrong |= {
        one: name
        for one, name in plan.leaving.items()
        if name not in plan.targets and (tree / name).is_symlink()
    }
    return {one: _blamed(name, problems) for one, name in wrong.items()}


def _leads(link: Path, plan: LinkPlan, name: str) -> bool:
    try:
        return link.readlink() == Path(plan.targets[name])
    except OSError:
        return False


def _blamed(name: str, problems: Sequence[str]) -> str:
    """Return the problem of the name itself or of a directory above it, else the first."""
    beginnings = tuple(f"{one!r} " for one in (name, *_parents(name)))
    return next((one for one in problems if one.startswith(beginnings)), problems[0])


def _problem(experiment: Experiment, name: str) -> str | None:
    if experiment.problem is not None:
        return experiment.problem
    try:
        check_experiment_name(name)  # with its root before it, a name may be too long
    except InvalidInputError as error:
        return error.detail
    return None


def _shadow(name: str, targets: Mapping[str, str], directories: Mapping[str, str]) -> str | None:
    """Say which earlier link is in the way; `directories` have a link below them, by their name.

    A rename elsewhere may bring a shadow into an existing board: the earlier member stays.
    """
    if name in directories:
        return f"{directories[name]!r} would lie inside {name!r}"
    outer = next((one for one in (*_parents(name), name) if one in targets), None)
    return None if outer is None else f"{name!r} would lie inside {outer!r}"


def _parents(name: str) -> Iterable[str]:
    parts = name.split("/")
    return ("/".join(parts[:length]) for length in range(1, len(parts)))
