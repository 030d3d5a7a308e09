"""Looking at the event files of many experiments in turn, with so much effort and no more."""

from collections.abc import Mapping

from tbgateway.discovery.event_file_marks import EventFileMarks
from tbgateway.domain.names import ExperimentId

_EFFORT = 1000
"""Files and directories per round, on average; a thousand cost some 5 ms where they are cached."""


class Rota:
    """The experiments of one logdir root; for one thread at a time."""

    def __init__(self) -> None:
        self._marks: dict[ExperimentId, EventFileMarks] = {}
        self._credit = 0

    def __repr__(self) -> str:
        """Tell how many experiments take their turn."""
        return f"<Rota of {len(self._marks)}>"

    def __bool__(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self._marks)

    def knows(self, experiment: ExperimentId, path: str) -> bool:
        """Whether its files were seen at this path; may be asked from any thread."""
        marks = self._marks.get(experiment)
        return marks is not None and marks.path == path and marks.taken

    def remember(self, paths: Mapping[ExperimentId, str]) -> None:
        """See the files of these now, before a TensorBoard opens them."""
        for one, path in paths.items():
            if not self.knows(one, path):
                marks = EventFileMarks(path)
                marks.look()
                self._marks[one] = marks

    def keep(self, paths: Mapping[ExperimentId, str]) -> None:
        """Look at these experiments from now on; those that are new come first."""
        before = self._marks
        known = {one: it for one, it in before.items() if paths.get(one) == it.path}
        new = {one: EventFileMarks(path) for one, path in paths.items() if one not in known}
        self._marks = new | known

    def look(self) -> frozenset[ExperimentId]:
        """Look at those whose turn it is; return whose files TensorBoard must read anew."""
        self._credit = min(self._credit + _EFFORT, _EFFORT)
        outdated = set()
        for one, marks in list(self._marks.items()):
            if self._credit <= 0:
                break
            if marks.look():
                outdated.add(one)
            self._credit -= marks.cost
            self._marks[one] = self._marks.pop(one)  # to the end
        return frozenset(outdated)
