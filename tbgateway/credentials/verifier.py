"""Checks passwords: in few threads, each attempt once, nobody crowded out, nothing told by time."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import bcrypt

from tbgateway.credentials.fair_queue import FairQueue
from tbgateway.credentials.passwords import MOST_BYTES
from tbgateway.credentials.verdicts import Attempt, Verdicts
from tbgateway.domain.errors import UnavailableError


@dataclass(slots=True, eq=False)
class _Check:
    """An attempt that waits for a thread or has one, and how many wait for its verdict."""

    attempt: Attempt
    password: bytes = field(repr=False)
    password_hash: str
    verdict: asyncio.Future[bool]
    waiters: int = 0


class Verifier:
    """Verifies passwords against bcrypt hashes. Belongs to one event loop.

    A subject is who asks, and where; it does not depend on whose password turns out to be meant,
    because what one subject's attempts do to each other can be seen. The same attempt is computed
    once at a time, and its verdict remembered for `ttl` seconds (a wrong one for 10 at most).
    Subjects take turns, and no one has more than half of the `queue`.
    """

    def __init__(
        self,
        threads: int = 2,
        queue: int = 64,
        ttl: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
        *,
        rounds: int = 12,
    ) -> None:
        """Make the threads; `rounds` is the cost of a check for somebody who does not exist."""
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="verifier")
        self._busy = 0
        self._queue: FairQueue[_Check] = FairQueue(queue)
        self._checks: dict[Attempt, _Check] = {}
        self._verdicts = Verdicts(ttl, clock)
        self._dummy_hash = (bcrypt.gensalt(rounds) + b"." * 31).decode()  # no password has it
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many checks wait for a thread."""
        return len(self._queue)

    async def verify(
        self, subject: str, username: str, password: bytes, password_hash: str | None
    ) -> bool:
        """Whether `password` (NFC, UTF-8) is the one of `password_hash`, `username`'s.

        None stands for a name without a password, or nobody's: it takes as long and is wrong. So
        is a hash that is none. Raise UnavailableError if too many checks wait.
        """
        attempt = self._verdicts.attempt(subject, username, password, password_hash)
        remembered = self._verdicts.get(attempt)
        if remembered is not None:
            return remembered
        check = self._checks.get(attempt)
        if check is None:
            check = self._begin(attempt, password, password_hash)
        return await self._wait(check)

    def remembered(
        self, subject: str, username: str, password: bytes, password_hash: str | None
    ) -> bool | None:
        """Return the verdict if it is known without a check."""
        attempt = self._verdicts.attempt(subject, username, password, password_hash)
        return self._verdicts.get(attempt)

    def remember_for(self, ttl: float) -> None:
        """Remember right passwords for so many seconds from now on, and no older one for longer."""
        self._verdicts.remember_for(ttl)

    def close(self) -> None:
        """Refuse what waits and what comes; a check that has a thread ends by itself."""
        self._closed = True
        for check in self._checks.values():
            if not check.verdict.done():
                check.verdict.set_exception(_unavailable("The gateway is stopping."))
                check.verdict.exception()  # nobody need be waiting for it
        self._checks.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, attempt: Attempt, password: bytes, password_hash: str | None) -> _Check:
        if self._closed:
            raise _unavailable("The gateway is stopping.")
        if not self._queue.has_room(attempt.subject):
            raise _unavailable("Too many passwords are being checked.")
        stored = self._dummy_hash if password_hash is None else password_hash
        verdict: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        check = _Check(attempt, password, stored, verdict)
        self._checks[attempt] = check
        self._queue.add(attempt.subject, check)
        self._start_next()
        return check

    async def _wait(self, check: _Check) -> bool:
        """Wait for the verdict; when the last one gives up, the check loses its place."""
        check.waiters += 1
        try:
            return await asyncio.shield(check.verdict)
        finally:
            check.waiters -= 1
            if check.waiters == 0 and self._queue.remove(check.attempt.subject, check):
                self._checks.pop(check.attempt, None)

    def _start_next(self) -> None:
        while self._busy < self._threads and not self._closed:
            check = self._queue.take()
            if check is None:
                return
            self._busy += 1
            loop = asyncio.get_running_loop()
            running = loop.run_in_executor(
                self._pool, _is_right, check.password, check.password_hash, self._dummy_hash
            )
            running.add_done_callback(partial(self._finish, check))

    def _finish(self, check: _Check, running: asyncio.Future[bool]) -> None:
        self._busy -= 1
        if self._closed:
            return
        self._checks.pop(check.attempt, None)
        error = running.exception()
        if error is None:
            self._verdicts.put(check.attempt, right=running.result())
            check.verdict.set_result(running.result())
        else:
            check.verdict.set_exception(error)
            check.verdict.exception()  # nobody need be waiting for it
        self._start_next()


def _is_right(password: bytes, password_hash: str, dummy_hash: str) -> bool:
    """Take the time of one check, whatever the arguments are."""
    if len(password) <= MOST_BYTES:
        try:
            return bcrypt.checkpw(password, password_hash.encode())
        except ValueError:  # not a bcrypt hash
            pass
    bcrypt.checkpw(password[:MOST_BYTES], dummy_hash.encode())
    return False


def _unavailable(detail: str) -> UnavailableError:
    return UnavailableError(detail, hint="Try again in a moment.", retry_after=1.0)
