"""An experiment that a gateway is told of: its directory, its record there, and the reports."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from tbgateway.domain.description import Told, check_told
from tbgateway.domain.errors import TbgatewayError, TimedOutError
from tbgateway.training.backlog import Backlog
from tbgateway.training.complaints import Complaints
from tbgateway.training.contact import Contact
from tbgateway.training.endings import Ending
from tbgateway.training.own_files import cache_dir, state_dir
from tbgateway.training.patience import result_within
from tbgateway.training.place import Place, Places
from tbgateway.training.record_file import NotOursError, RecordFile
from tbgateway.training.remembered import NAME as REMEMBERED
from tbgateway.training.remembered import Remembered
from tbgateway.training.reporter import Reporter
from tbgateway.training.spool import Spool, Untold
from tbgateway.training.story import Story, together
from tbgateway.training.teller import NOT_SHARED, Teller
from tbgateway.training.wanted import Wanted

_START_PATIENCE = 3.0
"""Seconds that a training waits for the gateway before it begins."""
_LEAST_PATIENCE = 1.0
"""Seconds that a logdir's file system has at least to answer."""


class Telling:
    """Begins an experiment, adds to what is said of it, and ends it."""

    def __init__(self, wanted: Wanted, environ: Mapping[str, str]) -> None:
        self._wanted = wanted
        self._complaints = Complaints(wanted.name)
        self._contact = Contact(environ, wanted.address, wanted.token_file)
        self._key = self._contact.key
        self._remembered = Remembered(cache_dir(environ) / REMEMBERED)
        self._spool = Spool(state_dir(environ) / "spool")
        backlog = Backlog(self._spool, self._key, self._complaints)
        self._reporter = Reporter(self._contact, self._complaints, backlog)
        self._places = Places(wanted.name, wanted.logdir, resume=wanted.resume)
        self.story: Story

    def begin(self) -> None:
        """Find a directory, and tell the gateway of it if it answers within 3 s.

        Raise InvalidInputError if the directory that the script named cannot be used.
        """
        until = time.monotonic() + _START_PATIENCE
        given = self._places.given_one()
        try:
            self._begin(given, until)
        except BaseException:
            self._reporter.abandon()
            raise

    def _begin(self, given: Place | None, until: float) -> None:
        self._reporter.start(until=until)
        place = given or self._found_place(until)
        self.story = self._story(place)
        if self._reporter.root is None:
            self._complaints.away(self._reporter.trouble or self._too_late(), place.directory)
        self._reporter.begin(Teller(self.story, self._complaints, self._was_shared), until=until)
        if self.story.settle():
            self._go_elsewhere()
        self._record(lambda file: file.begin(self.story.told))

    def add(self, told: Told) -> None:
        """Tell this, too. Raise InvalidInputError if that is too much."""
        check_told(together((self.story.told, told)))
        self.story.add(told)
        self._record(lambda file: file.describe(told))
        self._reporter.wake()

    def end(self, ending: Ending) -> None:
        """Write down how it ended, and tell the gateway within 10 s, or the next script."""
        story = self.story
        story.ended_at, story.ending = time.time(), ending
        self._record(lambda file: file.end(ending, story.ended_at))
        if not self._reporter.end():
            self._leave_to_the_next()

    def _found_place(self, until: float) -> Place:
        root = self._reporter.root or self._remembered.root(self._key)
        if root is None:
            return self._places.local()
        left = max(_LEAST_PATIENCE, until - time.monotonic())
        found = result_within(left, lambda: self._places.find(root))
        return found or self._places.local(f"{root.path} does not answer")

    def _story(self, place: Place) -> Story:
        return Story(
            place=place,
            name=place.name,
            told=self._wanted.told,
            lease=self._wanted.lease,
            create_boards=self._wanted.create_boards,
            boards_left=list(self._wanted.boards),
        )

    def _was_shared(self) -> None:
        if self.story.place.root is not None:
            self._remembered.keep(self._key, self.story.place.root)

    def _go_elsewhere(self) -> None:
        """Use a directory of this machine, since the gateway sees nothing of it."""
        story = self.story
        story.place = self._places.instead(story.place, story.why)
        self._complaints.say(
            "not shared",
            f"The gateway at {self._contact.gateway} does not see the event files, which go to"
            f" {story.place.directory}: {story.why}. {NOT_SHARED}",
        )

    def _record(self, write: Callable[[RecordFile], None]) -> None:
        try:
            write(RecordFile(self.story.place.directory))
        except (OSError, NotOursError) as error:
            self._complaints.say("record", f"What is said of it was not written: {error}.")

    def _leave_to_the_next(self) -> None:
        story = self.story
        boards = tuple(story.boards_left)
        if not boards or story.shared is False:
            return
        with suppress(OSError):
            self._spool.put(
                Untold(
                    gateway=self._key,
                    directory=str(story.place.directory),
                    name=story.name,
                    boards=boards,
                    create_boards=story.create_boards,
                )
            )

    def _too_late(self) -> TbgatewayError:
        return TimedOutError(
            f"The gateway at {self._contact.gateway} did not answer within {_START_PATIENCE:g} s."
        )
