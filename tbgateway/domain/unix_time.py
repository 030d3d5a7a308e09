"""Times that scripts tell: seconds since 1970, in UTC."""

LATEST = 1e11
"""Some three thousand years from now; what is later is no time, or one in milliseconds."""


def is_unix_time(seconds: float) -> bool:
    """Whether `seconds` can be a time of ours."""
    return 0.0 <= seconds <= LATEST
