"""The thread that talks to the gateway, so that a training never waits for it.

A script waits for its words at the begin and at the end, each for a bounded time.
"""

import threading
import time
from collections.abc import Callable

from tbgateway.client import Client
from tbgateway.domain.errors import TbgatewayError, UnauthenticatedError
from tbgateway.training.backlog import Backlog
from tbgateway.training.complaints import Complaints
from tbgateway.training.contact import Contact
from tbgateway.training.memberships import is_final
from tbgateway.training.place import Root
from tbgateway.training.teller import Teller

_PER_LEASE = 3
"""Heartbeats within a lease."""
_LONGEST_PAUSE = 30.0
_FIRST_PAUSE = 0.5
_END_PATIENCE = 10.0
_END_PATIENCE_WITHOUT_ANSWERS = 2.0
# all in seconds


class Reporter:
    """Tells what a Teller has to tell, keeps the lease, and tries again where it did not work."""

    def __init__(self, contact: Contact, complaints: Complaints, backlog: Backlog) -> None:
        self.root: Root | None = None
        """Where the gateway wants new experiments, once it said so."""
        self.trouble: TbgatewayError | None = None
        """Why the last try did not work."""
        self._contact = contact
        self._complaints = complaints
        self._backlog = backlog
        self._teller: Teller | None = None
        self._tries = 0
        self._failures = 0
        self._asking_since: float | None = None
        self._asked_for_root = self._is_woken = self._is_ending = self._is_over = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="tbgateway", daemon=True)

    def __repr__(self) -> str:
        state = "over" if self._is_over else "ending" if self._is_ending else "telling"
        return f"<Reporter {state} to {self._contact.gateway}>"

    # --- of the script's thread

    def start(self, *, until: float) -> None:
        """Start, and wait until the gateway said where experiments go; `until` is monotonic."""
        try:
            self._thread.start()
        except RuntimeError as error:  # there are as many threads as may be
            self._complaints.say("internal", f"The gateway is told nothing: {error}.")
            self.abandon()
        self._wait(lambda: self._asked_for_root or self._is_over, until)

    def begin(self, teller: Teller, *, until: float) -> None:
        """Tell this from now on, and wait until that was tried once."""
        with self._changed:
            self._teller = teller
            self._changed.notify_all()
        self._wait(lambda: self._tries > 0 or self._is_over, until)

    def wake(self) -> None:
        """Tell soon what is new."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def end(self) -> bool:
        """Tell the rest and end; return whether all was told. Waits for 10 s at most."""
        began = time.monotonic()
        since = self._asking_since
        stuck = since is not None and began - since > _END_PATIENCE_WITHOUT_ANSWERS
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        while not self._is_over:
            silent = stuck or self.trouble is not None
            until = began + (_END_PATIENCE_WITHOUT_ANSWERS if silent else _END_PATIENCE)
            if time.monotonic() >= until:
                break
            self._wait(lambda: self._is_over, min(until, time.monotonic() + 0.25))
        self.abandon()
        self._backlog.end(began + _END_PATIENCE_WITHOUT_ANSWERS - time.monotonic())
        return self._teller is not None and self._teller.story.is_told

    def abandon(self) -> None:
        """Tell nothing more, but for what is being asked."""
        with self._changed:
            self._is_over = True
            if self._teller is not None:
                self._teller.abandon()
            self._changed.notify_all()

    # --- of its own thread

    def _run(self) -> None:
        try:
            self._ask_for_root()
            self._wait(self._has_work, None)
            while not self._is_over and self._teller is not None:
                self._turn(self._teller)
        except Exception as error:  # noqa: BLE001 - a training is never harmed by what we overlooked
            kind = type(error).__name__
            self._complaints.say("internal", f"The gateway is told nothing more: {kind}.")
        finally:
            self.abandon()

    def _has_work(self) -> bool:
        return self._teller is not None or self._is_ending or self._is_over

    def _ask_for_root(self) -> None:
        self._try(self._ask)
        with self._changed:
            self._asked_for_root = True
            self._changed.notify_all()

    def _ask(self, client: Client) -> None:
        for logdir in client.logdirs():
            if logdir.new:
                self.root = Root.of(logdir)

    def _turn(self, teller: Teller) -> None:
        """Try to tell everything once, and rest."""
        ending = self._is_ending
        worked = self._try(teller.tell)
        with self._changed:
            self._tries += 1
            self._changed.notify_all()
        if worked:
            self._backlog.begin(self._contact.client())
        if teller.story.is_told or (ending and self._is_refused):
            self.abandon()
        if self.trouble is not None and not self._is_over:
            self._complaints.away(self.trouble, teller.story.place.directory)
        self._rest(teller, between_ends=ending and not worked)

    def _rest(self, teller: Teller, *, between_ends: bool) -> None:
        self._wait(self._has_news, time.monotonic() + self._pause(teller.story.lease))
        self._is_woken = False
        if between_ends and not self._is_over:
            time.sleep(_FIRST_PAUSE)

    @property
    def _is_refused(self) -> bool:
        """Whether trying again is of no use."""
        return self.trouble is not None and is_final(self.trouble)

    def _has_news(self) -> bool:
        return self._is_over or self._is_ending or (self._is_woken and self.trouble is None)

    def _pause(self, lease: float) -> float:
        """Return for how long to rest: less than a lease, that it may not be lost meanwhile."""
        regular = lease / _PER_LEASE
        if self.trouble is None:
            return regular
        longest = min(_LONGEST_PAUSE, regular)
        if self._is_refused:
            return longest
        return float(min(longest, _FIRST_PAUSE * 2 ** min(self._failures, 10)))

    def _try(self, ask: Callable[[Client], None]) -> bool:
        self._asking_since = time.monotonic()
        try:
            ask(self._contact.client())
        except TbgatewayError as error:
            self._failures += 1
            self.trouble = error
            if isinstance(error, UnauthenticatedError):
                self._contact.forget_token()
        else:
            if self.trouble is not None:
                self._complaints.note(f"The gateway at {self._contact.gateway} answers again.")
            self._failures, self.trouble = 0, None
        finally:
            self._asking_since = None
        return self.trouble is None

    def _wait(self, reached: Callable[[], bool], until: float | None) -> None:
        with self._changed:
            left = None if until is None else max(0.0, until - time.monotonic())
            self._changed.wait_for(reached, left)
