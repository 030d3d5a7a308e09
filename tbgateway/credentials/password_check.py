"""The way of every password that somebody tries, whichever door it came in by."""

from collections.abc import Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from tbgateway.credentials.authorization import Basic
from tbgateway.credentials.throttle import Trial, site_of

_Attempt = tuple[str, str, bytes, str | None]


class Verifies(Protocol):
    """Compares passwords with hashes, as tbgateway.credentials.verifier does."""

    async def verify(
        self, subject: str, username: str, password: bytes, password_hash: str | None
    ) -> bool:
        """Return whether it fits; without a hash take as long as with one, and return False."""

    def remembered(
        self, subject: str, username: str, password: bytes, password_hash: str | None
    ) -> bool | None:
        """Return the verdict if it is known without a check."""


class Throttles(Protocol):
    """Slows guessing down, as tbgateway.credentials.throttle does."""

    async def turn(self, client: str, guess: Hashable) -> None:
        """Wait until it is known whether the client may try this guess, too."""

    def trial(self, client: str, guess: Hashable) -> AbstractContextManager[Trial]:
        """Let the client try a guess, or raise TooManyRequestsError."""


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Compares a name's password once per attempt, and counts what was wrong."""

    verifier: Verifies
    throttle: Throttles

    async def fits(
        self, client: str, realm: str, credentials: Basic, password_hash: str | None
    ) -> bool:
        """Whether the password is the one of the hash; None stands for a name without one.

        `realm` is where it was asked for. Raise TooManyRequestsError if the client was wrong too
        often, and UnavailableError if too many checks wait.
        """
        subject = f"{site_of(client)} {realm}"
        attempts = [
            (subject, credentials.username, password, password_hash)
            for password in credentials.passwords  # more than one if its encoding is in doubt
        ]
        # Somebody who guesses must not lock out those who signed in from the same address before.
        known = self._known(attempts)
        if known is not None:
            return known
        await self.throttle.turn(client, (realm, credentials))
        known = self._known(attempts)
        if known is not None:
            return known
        with self.throttle.trial(client, (realm, credentials)) as trial:
            for attempt in attempts:
                if await self.verifier.verify(*attempt):
                    trial.wrong = False
                    return True
        return False

    def _known(self, attempts: list[_Attempt]) -> bool | None:
        verdicts = [self.verifier.remembered(*attempt) for attempt in attempts]
        if any(verdicts):
            return True
        # An old tab repeats itself: that is the same guess, not another.
        return None if None in verdicts else False
