"""What TensorBoard said about single runs, told of the experiments they belong to."""

from collections.abc import Mapping

from tbgateway.domain.names import BoardId, ExperimentId


def problems_by_experiment(
    links: Mapping[ExperimentId, str], problems: Mapping[str, str]
) -> dict[ExperimentId, str]:
    """Return what is wrong with each experiment, given what is wrong with runs (by their names).

    A run belongs to the experiment whose link is its name, or a directory above it.
    """
    owners = {link: experiment for experiment, link in links.items()}
    said: dict[ExperimentId, list[str]] = {}
    for run, why in sorted(problems.items()):
        link = _link_above(run, owners)
        if link is not None:
            within = run[len(link) + 1 :]
            said.setdefault(owners[link], []).append(f"{within}: {why}" if within else why)
    return {experiment: _summed_up(whys) for experiment, whys in said.items()}


class RunProblems:
    """The last known problems of every board's experiments, also while it sleeps.

    Kept in memory only: a board's next process says them again.
    """

    def __init__(self) -> None:
        self._of: dict[BoardId, Mapping[ExperimentId, str]] = {}

    def of(self, board_id: BoardId) -> Mapping[ExperimentId, str]:
        """Return what is known of a board."""
        return self._of.get(board_id, {})

    def learn(self, board_id: BoardId, problems: Mapping[ExperimentId, str]) -> None:
        """Take what a process says in the place of all that earlier ones said."""
        if problems:
            self._of[board_id] = problems
        else:
            self._of.pop(board_id, None)

    def keep_only(self, board_id: BoardId, experiments: Mapping[ExperimentId, str]) -> None:
        """Forget those of experiments that left the board."""
        known = self.of(board_id)
        self.learn(board_id, {one: why for one, why in known.items() if one in experiments})


def _link_above(run: str, owners: Mapping[str, ExperimentId]) -> str | None:
    while run:
        if run in owners:
            return run
        run = run.rpartition("/")[0]
    return None


def _summed_up(whys: list[str]) -> str:
    first, *others = whys
    return f"{first} (and {len(others)} more of its runs)" if others else first
