"""Boards, by the verbs of Gradient's client; `boards` can do more with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tbgateway.client.api import Api, segment
from tbgateway.client.transport import GRADIENT, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorboardExperiment:
    """An experiment on a board: `state` is "Adding", "Added" or "Deleting"."""

    id: str
    project_id: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensorboard:
    """A board in Gradient's words; `image` and `instance` are what was asked for."""

    id: str
    name: str
    url: str
    state: str
    image: str
    instance: Mapping[str, str | int] | None
    username: str | None
    experiments: tuple[TensorboardExperiment, ...]
    dt_created: datetime


@dataclass(frozen=True, slots=True)
class _One:
    data: Tensorboard


@dataclass(frozen=True, slots=True)
class _All:
    data: tuple[Tensorboard, ...]


@dataclass(frozen=True, slots=True)
class Tensorboards:
    """What Gradient's client can do; boards are named by id or name."""

    api: Api

    def list(self) -> tuple[Tensorboard, ...]:
        """Return the boards that the caller may see, by name."""
        return self.api.read(_All, Request("GET", "/", root=GRADIENT)).data

    def get(self, board: str) -> Tensorboard:
        """Return one board; raise NotFoundError if there is none."""
        return self.api.read(_One, Request("GET", _path(board), root=GRADIENT)).data

    def create(
        self,
        experiments: Sequence[str],
        *,
        image: str | None = None,
        username: str | None = None,
        password: str | None = None,
        instance: Mapping[str, str | int] | None = None,
    ) -> Tensorboard:
        """Make a board, which gets a name of its own.

        With a username and a password it is opened by these, any other by members. `image` and
        `instance` are kept, and mean nothing.
        """
        wanted = {
            "experiments": list(experiments),
            "image": image,
            "username": username,
            "password": password,
            "instance": None if instance is None else dict(instance),
        }
        body = {key: value for key, value in wanted.items() if value is not None}
        return self.api.read(_One, Request("POST", "/", root=GRADIENT, body=body)).data

    def add_experiments(self, board: str, experiments: Sequence[str]) -> Tensorboard:
        """Put experiments on the board; those that are there stay."""
        return self._change(board, added_experiments=experiments)

    def remove_experiments(self, board: str, experiments: Sequence[str]) -> Tensorboard:
        """Take experiments from the board; their files are not touched."""
        return self._change(board, removed_experiments=experiments)

    def delete(self, board: str) -> None:
        """Delete the board; no event file is touched."""
        self.api.ask(Request("DELETE", _path(board), root=GRADIENT))

    def _change(self, board: str, **changes: Sequence[str]) -> Tensorboard:
        body = {name: list(experiments) for name, experiments in changes.items()}
        return self.api.read(_One, Request("PUT", _path(board), root=GRADIENT, body=body)).data


def _path(board: str) -> str:
    return f"/{segment(board)}"
