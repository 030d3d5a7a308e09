import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.reasons import LONGEST, check_reason


@pytest.mark.parametrize("reason", ["", "NaN at step 3", "ü" * LONGEST, "家族 👨‍👩‍👧"])
def test_a_reason_is_a_line_of_text(reason: str) -> None:
    assert check_reason(reason) == reason


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("x" * (LONGEST + 1), "longer than 1024"),
        ("a\nb", "control"),
        ("a\x1b[31m", "control"),
        ("\x00", "control"),
        ("\x9b", "control"),
        ("a\u2028b", "control"),
        ("\ud800", "control"),
    ],
)
def test_anything_else_is_refused(reason: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as refused:
        check_reason(reason)
    assert refused.value.field == "reason"
