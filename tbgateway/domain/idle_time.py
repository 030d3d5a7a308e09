"""After how long without a look a board goes to sleep, in seconds; 0 is never."""

from tbgateway.domain.errors import InvalidInputError

NEVER = 0.0
LEAST = 60.0
"""An open page asks every 30 s: a board must not fall asleep under somebody's eyes."""
MOST = 366 * 86_400.0


def check_idle_timeout(seconds: float) -> float:
    """Return `seconds`; raise InvalidInputError if no board may be set to them."""
    if seconds == NEVER or LEAST <= seconds <= MOST:
        return seconds
    raise InvalidInputError(
        f"A board cannot be set to sleep after {seconds:g} s.",
        hint="Allowed: 0 for never, or from 60 seconds to 366 days.",
        field="idle_timeout",
    )
