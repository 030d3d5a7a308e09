"""Telling a gateway a story: what is missing, in order, as often as it takes.

Whatever was told may be told again, since an answer can get lost: the gateway knows an experiment
by its directory.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tbgateway.client import Client, Experiment
from tbgateway.domain.description import Told
from tbgateway.domain.errors import (
    InvalidInputError,
    NameTakenError,
    NotFoundError,
    NotSharedError,
    TbgatewayError,
    UnavailableError,
)
from tbgateway.domain.model import ExperimentState
from tbgateway.training.complaints import Complaints
from tbgateway.training.endings import Ending
from tbgateway.training.memberships import is_final, put_on_board
from tbgateway.training.nonce import nonce_in
from tbgateway.training.place import suffixes
from tbgateway.training.story import Story

_NAMES_TO_TRY = 100
NOT_SHARED = (
    "No board shows them until they lie in one of the gateway's logdirs: train on the gateway's"
    " machine, mount its logdir here at the same path, or copy the files there."
)


@dataclass(slots=True)
class Teller:
    """Tells one story; `was_shared` is called when the gateway saw its directory."""

    story: Story
    complaints: Complaints
    was_shared: Callable[[], None]
    _is_abandoned: bool = False

    def abandon(self) -> None:
        """Begin no further step."""
        self._is_abandoned = True

    def tell(self, client: Client) -> None:
        """Tell all that is to be told now. Raise a TbgatewayError where it did not get through."""
        try:
            self._tell(client)
        except NotFoundError:
            if self.story.id is None:
                raise
            self.story.id = None  # the gateway forgot it
            self._tell(client)

    def _tell(self, client: Client) -> None:
        story = self.story
        if story.id is None and not self._register(client):
            return
        experiment = story.id or ""
        self._check_goes_on()
        if story.place.is_guest:
            story.end_was_told = story.ending is not None
        elif story.ending is None:
            client.experiments.heartbeat(experiment, story.lease)
        elif not story.end_was_told:
            tell_end(client, experiment, story.ending, story.ended_at)
            story.end_was_told = True
        self._describe(client, experiment)
        for board in tuple(story.boards_left):
            self._check_goes_on()
            self._put_on(client, experiment, board)

    def _check_goes_on(self) -> None:
        if self._is_abandoned:
            raise UnavailableError("Nothing more is told of it.")

    def _register(self, client: Client) -> bool:
        """Begin the experiment; return whether the gateway sees it."""
        told, additions = self.story.take_all()
        try:
            experiment = self._registered(client, told)
        except NotSharedError as error:
            return self._not_shared(error)
        except InvalidInputError as error:
            if error.field == "path":
                return self._not_shared(error)
            if told == Told():
                raise
            self.complaints.refused("What is said of it was not taken", error)
            experiment = self._registered(client, Told())
        self.story.were_told(additions)
        self._begun(experiment)
        return True

    def _begun(self, experiment: Experiment) -> None:
        story = self.story
        story.end_was_told = False
        story.name, story.id = experiment.name, experiment.id
        if not story.shared:
            story.shared = True
            self.was_shared()

    def _registered(self, client: Client, told: Told) -> Experiment:
        if self.story.shared:
            return self._named(client, told, None)
        try:
            with nonce_in(self.story.place.directory) as nonce:
                return self._named(client, told, nonce)
        except OSError as error:
            raise UnavailableError(
                f"Nothing can be written to {self.story.place.directory}: {error.strerror}."
            ) from error

    def _named(self, client: Client, told: Told, nonce: str | None) -> Experiment:
        """Register it by its name, or by one like it if that is taken."""
        name = self._name(client)
        names = [None] if name is None else [f"{name}{suffix}" for suffix in _some_suffixes()]
        for tried in names[:-1]:
            try:
                return self._asked(client, tried, told, nonce)
            except NameTakenError:
                continue
        return self._asked(client, names[-1], told, nonce)

    def _asked(self, client: Client, name: str | None, told: Told, nonce: str | None) -> Experiment:
        self._check_goes_on()
        goes_on = self.story.place.is_guest and name is None  # the lease is another script's
        return client.experiments.register(
            str(self.story.place.directory),
            name=name,
            lease=None if goes_on else self.story.lease,
            nonce=nonce,
            params=told.params,
            tags=told.tags,
            notes=told.notes,
        )

    def _name(self, client: Client) -> str | None:
        """Return what it shall be called; None if it has a name, which people may have given."""
        place = self.story.place
        if place.made:
            return place.name
        try:
            client.experiments.show(os.path.realpath(place.directory))
        except NotFoundError:
            return place.name
        return None

    def _not_shared(self, error: TbgatewayError) -> bool:
        story = self.story
        if story.refuse(error.detail):
            where = f"Its event files stay in {story.place.directory}: {story.why}."
            self.complaints.say("not shared", f"{where} {NOT_SHARED}")
        return False

    def _describe(self, client: Client, experiment: str) -> None:
        told, additions = self.story.take_additions()
        if not additions:
            return
        self._check_goes_on()
        try:
            client.experiments.describe(
                experiment, params=told.params, add_tags=told.tags, notes=told.notes
            )
        except TbgatewayError as error:
            if not is_final(error) or isinstance(error, NotFoundError):
                raise
            self.complaints.refused("What is said of it was not taken", error)
        self.story.were_told(additions)

    def _put_on(self, client: Client, experiment: str, board: str) -> None:
        story = self.story
        try:
            shown = put_on_board(client, experiment, board, create=story.create_boards)
        except TbgatewayError as error:
            if not is_final(error):
                raise
            if isinstance(error, NotFoundError):
                client.experiments.show(experiment)  # raises if that is what is not there
            self.complaints.refused(f"It is not on the board {board!r}", error)
        else:
            story.url = story.url or shown.url
        story.boards_left.remove(board)


def _some_suffixes() -> Iterator[str]:
    return itertools.islice(suffixes(), _NAMES_TO_TRY)


def tell_end(client: Client, experiment: str, ending: Ending, ended_at: float) -> None:
    """Say how it ended, and when (Unix seconds). Raise a TbgatewayError."""
    match ending.state:
        case ExperimentState.FAILED:
            client.experiments.fail(experiment, reason=ending.reason, ended_at=ended_at)
        case ExperimentState.STOPPED:
            client.experiments.stop(experiment, reason=ending.reason, ended_at=ended_at)
        case _:
            client.experiments.complete(experiment, ended_at=ended_at)
