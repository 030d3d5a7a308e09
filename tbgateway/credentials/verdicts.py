"""What is remembered about passwords: right or wrong, for a while, never the passwords."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST = 4096
_LONGEST_WRONG = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Attempt:
    """One password tried by one subject; `digest` stands for all of it."""

    subject: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Verdict:
    right: bool
    until: float


class Verdicts:
    """A bounded memory, the least recently used goes first. Its key dies with the process."""

    def __init__(self, ttl: float, clock: Callable[[], float]) -> None:
        self._ttl = ttl
        self._clock = clock
        self._key = secrets.token_bytes(64)
        self._verdicts: OrderedDict[Attempt, _Verdict] = OrderedDict()

    def attempt(
        self, subject: str, username: str, password: bytes, password_hash: str | None
    ) -> Attempt:
        """Name an attempt. A password that is set anew has another hash: that is another one."""
        parts = [_encoded(part) for part in (subject, username, password, password_hash)]
        message = b"".join([b"%d:%b" % (len(part), part) for part in parts])
        digest = hashlib.blake2b(message, key=self._key, digest_size=32).digest()
        return Attempt(subject, digest)

    def get(self, attempt: Attempt) -> bool | None:
        """Return what is remembered, or None."""
        verdict = self._verdicts.get(attempt)
        if verdict is None or verdict.until <= self._clock():
            return None
        self._verdicts.move_to_end(attempt)
        return verdict.right

    def remember_for(self, ttl: float) -> None:
        """Remember for so many seconds from now on; a shorter time makes all be forgotten."""
        if ttl < self._ttl:
            self._verdicts.clear()
        self._ttl = ttl

    def put(self, attempt: Attempt, *, right: bool) -> None:
        """Remember a verdict: a right one for `ttl` seconds, a wrong one for 10 at most."""
        lifetime = self._ttl if right else min(self._ttl, _LONGEST_WRONG)
        self._verdicts[attempt] = _Verdict(right, self._clock() + lifetime)
        self._verdicts.move_to_end(attempt)
        if len(self._verdicts) > _MOST:
            self._verdicts.popitem(last=False)


def _encoded(part: str | bytes | None) -> bytes:
    if isinstance(part, str):
        return part.encode(errors="surrogatepass")
    return part or b""
