"""Experiments, from a client's side."""

from dataclasses import dataclass

from tbgateway.client.api import Api, segment
from tbgateway.client.results import Experiment
from tbgateway.client.transport import Request
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.names import is_id


@dataclass(frozen=True, slots=True)
class Experiments:
    """What can be done with experiments.

    Each is named by its id, its name (`root:name` where two roots have it) or its absolute path.
    """

    api: Api

    def list(self, *, state: str | None = None, text: str | None = None) -> tuple[Experiment, ...]:
        """Return the experiments, by name; those in `state`, those whose name holds `text`."""
        wanted = {"state": state, "text": text}
        query = {key: value for key, value in wanted.items() if value is not None}
        return tuple(self.api.pages(Experiment, "/experiments", **query))

    def show(self, experiment: str) -> Experiment:
        """Return one experiment; raise NotFoundError if there is none."""
        if is_id(experiment):
            return self.api.read(Experiment, Request("GET", _path(experiment)))
        for found in self.api.pages(Experiment, "/experiments", name=experiment):
            return found
        raise NotFoundError(
            f"There is no experiment {experiment!r}.",
            hint="List those that there are.",
            command="tbgateway experiment list",
        )

    def register(self, path: str, *, name: str | None = None, running: bool = False) -> Experiment:
        """Make the directory an experiment; the one that is there is returned.

        `running` keeps it running, however long it writes nothing, until somebody completes it.
        """
        body: dict[str, object] = {"path": path}
        body |= {} if name is None else {"name": name}
        body |= {"running": True} if running else {}
        return self.api.read(Experiment, Request("POST", "/experiments", body=body))

    def complete(self, experiment: str) -> Experiment:
        """Say that no more data will come."""
        request = Request("POST", f"{self._path_of(experiment)}/complete")
        return self.api.read(Experiment, request)

    def fail(self, experiment: str, *, reason: str = "") -> Experiment:
        """Say that it failed, and why."""
        body = {"reason": reason} if reason else {}
        request = Request("POST", f"{self._path_of(experiment)}/fail", body=body)
        return self.api.read(Experiment, request)

    def delete(self, experiment: str) -> None:
        """Forget the experiment; its files are not touched. Refused while it is on a board."""
        self.api.ask(Request("DELETE", self._path_of(experiment)))

    def _path_of(self, experiment: str) -> str:
        return _path(experiment if is_id(experiment) else self.show(experiment).id)


def _path(experiment_id: str) -> str:
    return f"/experiments/{segment(experiment_id)}"
