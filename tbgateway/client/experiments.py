"""Experiments, from a client's side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tbgateway.client.api import Api, segment
from tbgateway.client.results import Experiment
from tbgateway.client.transport import Request
from tbgateway.domain.description import check_params
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import ParamValue
from tbgateway.domain.names import is_id

_Params = Mapping[str, ParamValue]
_Changes = Mapping[str, ParamValue | None]


@dataclass(frozen=True, slots=True)
class Experiments:
    """What can be done with experiments.

    Each is named by its id, its name (`root:name` where two roots have it) or its absolute path.
    """

    api: Api

    def list(
        self,
        *,
        state: str | None = None,
        text: str | None = None,
        tags: Sequence[str] = (),
        params: Sequence[str] = (),
        since: datetime | None = None,
    ) -> tuple[Experiment, ...]:
        """Return the experiments, by name: those for which all that is given holds.

        `text` is searched for in names and tags; `tags` are all of them there. `params` are
        conditions, such as `lr<1e-3`, `model==vit` or `lr` (it is there). The last event was not
        before `since`; without an offset, that is local time.
        """
        wanted = {
            "state": state,
            "text": text,
            "tag": tuple(tags),
            "param": tuple(params),
            "since": None if since is None else since.astimezone(UTC).isoformat(),
        }
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

    def register(
        self,
        path: str,
        *,
        name: str | None = None,
        running: bool = False,
        lease: float | None = None,
        nonce: str | None = None,
        params: _Params | None = None,
        tags: Sequence[str] = (),
        notes: str | None = None,
    ) -> Experiment:
        """Make the directory an experiment; the one that is there is returned.

        `running` keeps it running, however long it writes nothing, until somebody completes it.
        With a `lease` (seconds) a script begins it: it runs as long as `heartbeat` comes in time.
        `params`, `tags` and `notes` are added to what is said of it already. With a `nonce`, the
        gateway makes sure that it sees this very directory: the nonce is what the file
        `.tbgateway-nonce` there holds; raise NotSharedError if it does not.
        """
        body = _given(
            name=name,
            running=running or None,
            lease=lease,
            nonce=nonce,
            params=check_params(params or {}) or None,
            tags=list(tags) or None,
            notes=notes,
        )
        request = Request("POST", "/experiments", body={"path": path, **body})
        return self.api.read(Experiment, request)

    def describe(
        self,
        experiment: str,
        *,
        params: _Changes | None = None,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
        notes: str | None = None,
    ) -> Experiment:
        """Change what is said of it; what is not named stays.

        A parameter is removed by None, the notes by "". Raise InvalidInputError for a value that
        is no true or false, number or text.
        """
        tags = _given(add=list(add_tags) or None, remove=list(remove_tags) or None)
        body = _given(notes=notes, tags=tags or None, params=_changes(params or {}) or None)
        request = Request("PATCH", self._path_of(experiment), body=body)
        return self.api.read(Experiment, request)

    def heartbeat(self, experiment: str, lease: float) -> Experiment:
        """Say that its script lives, and may be silent for `lease` seconds (10 to 86400).

        Its state is in the answer: somebody may have ended it meanwhile.
        """
        return self._say(experiment, "heartbeat", lease=lease)

    def complete(self, experiment: str, *, ended_at: float | None = None) -> Experiment:
        """Say that no more data will come.

        `ended_at` (Unix seconds) is for its own script: what its writers still flush belongs to it.
        """
        return self._say(experiment, "complete", ended_at=ended_at)

    def fail(
        self, experiment: str, *, reason: str = "", ended_at: float | None = None
    ) -> Experiment:
        """Say that it failed, and why; `ended_at` as for `complete`."""
        return self._say(experiment, "fail", reason=reason or None, ended_at=ended_at)

    def stop(
        self, experiment: str, *, reason: str = "", ended_at: float | None = None
    ) -> Experiment:
        """Say that it was stopped before its end, and why; `ended_at` as for `complete`.

        No process is touched.
        """
        return self._say(experiment, "stop", reason=reason or None, ended_at=ended_at)

    def delete(self, experiment: str) -> None:
        """Forget the experiment; its files are not touched. Refused while it is on a board."""
        self.api.ask(Request("DELETE", self._path_of(experiment)))

    def _say(self, experiment: str, verb: str, **said: str | float | None) -> Experiment:
        path = f"{self._path_of(experiment)}/{verb}"
        return self.api.read(Experiment, Request("POST", path, body=_given(**said) or None))

    def _path_of(self, experiment: str) -> str:
        return _path(experiment if is_id(experiment) else self.show(experiment).id)


def _changes(params: _Changes) -> _Changes:
    """Return the changes as JSON can tell them; raise InvalidInputError for what cannot be."""
    kept = {key: value for key, value in params.items() if value is not None}
    return {**params, **check_params(kept)}


def _given(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _path(experiment_id: str) -> str:
    return f"/experiments/{segment(experiment_id)}"
