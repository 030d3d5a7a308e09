"""After how long a board goes to sleep, as it is written on a command line."""

from datetime import timedelta
from typing import Literal

from tbgateway.cli.words import lasting

Idle = timedelta | Literal["never", "default"]


def idle_seconds(after: Idle) -> float | None:
    """Return it as the gateway takes it: 0 for never, None for its own setting."""
    match after:
        case "never":
            return 0.0
        case "default":
            return None
        case timedelta():
            return after.total_seconds()


def idle_words(seconds: float | None) -> str:
    """Say it."""
    if seconds is None:
        return "the gateway's default"
    return lasting(seconds) if seconds else "never"
