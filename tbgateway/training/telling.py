"""An experiment that a gateway is told of: its directory, its record there, and the reports."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tbgateway.domain.description import Told, check_told
from tbgateway.domain.errors import TbgatewayError, TimedOutError
from tbgateway.training.backlog import Backlog
from tbgateway.training.complaints import Complaints
from tbgateway.training.contact import Contact
from tbgateway.training.endings import Ending
from tbgateway.training.own_files import cache_dir, state_dir
from tbgateway.training.patience import result_within
from tbgateway.training.place import Place, Places
from tbgateway.training.record_file import RecordFile
from tbgateway.training.refuge import nowhere
from tbgateway.training.remembered import NAME as REMEMBERED
from tbgateway.training.remembered import Remembered
from tbgateway.training.reporter import Reporter
from tbgateway.training.scribe import Scribe
from tbgateway.training.spool import Spool, Untold
from tbgateway.training.story import Story, together
from tbgateway.training.teller import NOT_SHARED, Teller
from tbgateway.training.wanted import Wanted

_START_PATIENCE = 3.0
"""Seconds that a training waits for the gateway before it begins."""
_LEAST_PATIENCE = 1.0
"""Seconds that a logdir's file system has at least to answer."""
_END_PATIENCE = 10.0
"""Seconds that a training waits at its end, whatever hangs."""


class Telling:
    """Begins an experiment, adds to what is said of it, and ends it."""

    def __init__(self, wanted: Wanted, environ: Mapping[str, str], complaints: Complaints) -> None:
        self.story: Story | None = None
        """None before there is a directory."""
        self._wanted = wanted
        self._complaints = complaints
        self._scribe = Scribe()
        self._contact = Contact(environ, wanted.address, wanted.token)
        self._key = self._contact.key
        self._remembered = Remembered(cache_dir(environ) / REMEMBERED)
        self._spool = Spool(state_dir(environ) / "spool")
        backlog = Backlog(self._spool, self._key, self._complaints)
        self._reporter = Reporter(self._contact, self._complaints, backlog)
        self._places = Places(wanted.name, wanted.logdir, resume=wanted.resume)

    def begin(self) -> None:
        """Find a directory, and tell the gateway of it if it answers within 3 s.

        Raise InvalidInputError if the directory that the script named cannot be used. Whatever is
        raised once there is a story: it has to be ended.
        """
        until = time.monotonic() + _START_PATIENCE
        given = self._places.given_one()
        self._scribe.start()
        self._reporter.start(until=until)
        self.story = story = self._story(given or self._some_place(until))
        if self._reporter.root is None:
            trouble = self._reporter.trouble or self._too_late()
            self._complaints.away(trouble, story.place.directory)
        teller = Teller(story, self._complaints, lambda: self._was_shared(story))
        self._reporter.begin(teller, until=until)
        if story.settle():
            self._go_elsewhere(story)
        if story.place.notice:
            self._complaints.say("place", story.place.notice)
        self._begin_record(story)

    def add(self, told: Told) -> None:
        """Tell this, too. Raise InvalidInputError if that is too much."""
        if self.story is None:
            return
        check_told(together((self.story.told, told)))
        self.story.add(told)
        self._record(self.story, lambda file: file.describe(told))
        self._reporter.wake()

    def end(self, ending: Ending) -> None:
        """Write down how it ended, and tell the gateway within 10 s, or the next script."""
        story = self.story
        if story is None:
            self._reporter.abandon()
            self._scribe.end(0)
            return
        until = time.monotonic() + _END_PATIENCE
        story.ended_at, story.ending = time.time(), ending
        try:
            if not story.place.is_guest:
                self._record(story, lambda file: file.end(ending, story.ended_at))
            self._reporter.end()
        finally:  # somebody may have lost patience
            self._leave_to_the_next(story)
            self._scribe.end(until - time.monotonic())
            story.place.hold.release()

    def _some_place(self, until: float) -> Place:
        try:
            return self._found_place(until)
        except OSError:
            return Place(directory=nowhere(self._wanted.name), name=self._wanted.name, made=False)

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

    def _was_shared(self, story: Story) -> None:
        if story.place.root is not None:
            self._remembered.keep(self._key, story.place.root)

    def _go_elsewhere(self, story: Story) -> None:
        """Use a directory of this machine, since the gateway sees nothing of it."""
        try:
            story.place = self._places.instead(story.place, story.why)
        except OSError:
            story.place = replace(story.place, directory=nowhere(story.place.name), root=None)
        self._complaints.say(
            "not shared",
            f"The gateway at {self._contact.gateway} does not see the event files, which go to"
            f" {story.place.directory}: {story.why}. {NOT_SHARED}",
        )

    def _begin_record(self, story: Story) -> None:
        told, name = story.told, story.place.name
        if story.place.is_guest:
            self._record(story, lambda file: file.describe(told))
        else:
            self._record(story, lambda file: file.begin(told, name))
        self._scribe.wait(_LEAST_PATIENCE)

    def _record(self, story: Story, write: Callable[[RecordFile], None]) -> None:
        """Write it soon."""
        directory = story.place.directory
        self._scribe.do(lambda: self._write(directory, write))

    def _write(self, directory: Path, write: Callable[[RecordFile], None]) -> None:
        try:
            write(RecordFile(directory))
        except Exception as error:  # noqa: BLE001 - a training is never harmed by what we overlooked
            words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._complaints.say(
                "record", f"What is said of it was not written to {directory}: {words}."
            )

    def _leave_to_the_next(self, story: Story) -> None:
        boards = tuple(story.boards_left)
        end = None if story.end_was_told or story.place.is_guest else story.ending
        is_theirs = story.shared or story.place.root is not None
        if story.shared is False or not (boards or (end and is_theirs)):
            return
        with suppress(OSError):
            self._spool.put(
                Untold(
                    gateway=self._key,
                    directory=str(story.place.directory),
                    name=story.name,
                    boards=boards,
                    create_boards=story.create_boards,
                    state="" if end is None else str(end.state),
                    reason="" if end is None else end.reason,
                    ended_at=story.ended_at,
                )
            )

    def _too_late(self) -> TbgatewayError:
        return TimedOutError(
            f"The gateway at {self._contact.gateway} did not answer within {_START_PATIENCE:g} s."
        )
