"""Why somebody says that an experiment is over: one line for everybody who sees it."""

import re

from tbgateway.domain.errors import InvalidInputError

LONGEST = 1024  # characters
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check_reason(reason: str) -> str:
    """Return `reason`; raise InvalidInputError for more than a line of printable text."""
    if len(reason) > LONGEST:
        problem = f"The reason is longer than {LONGEST} characters."
    elif _CONTROL_CHARACTER.search(reason):
        problem = "The reason holds control characters or line breaks."
    else:
        return reason
    raise InvalidInputError(
        problem,
        hint=f"Say it in one line of at most {LONGEST} printable characters.",
        field="reason",
    )
