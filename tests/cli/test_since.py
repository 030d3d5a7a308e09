from datetime import UTC, datetime, timedelta

import pytest

from tbgateway.cli.since import parse_since
from tbgateway.domain.errors import InvalidInputError

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90s", timedelta(seconds=90)),
        ("30min", timedelta(minutes=30)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        (" 7 d ", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_a_length_of_time_is_so_long_ago(text: str, ago: timedelta) -> None:
    assert parse_since(text, now=NOW) == NOW - ago


def test_a_date_or_time_is_local_unless_it_has_an_offset() -> None:
    local = datetime(2026, 11, 23, 8).astimezone()
    assert parse_since("2026-11-23T08:00") == local
    assert parse_since("2026-11-23") == local - timedelta(hours=8)
    assert parse_since("2026-11-23T09:00+01:00") == NOW
    assert parse_since("2026-11-23T08:00Z") == NOW


@pytest.mark.parametrize(
    "text", ["", "yesterday", "7", "d", "-7d", "999999999w", "2026-13-01", "1.5h", "\u0667d"]
)
def test_anything_else_is_refused_with_what_may_be_written(text: str) -> None:
    with pytest.raises(InvalidInputError, match="for --since: it is neither") as refused:
        parse_since(text, now=NOW)
    assert "7d" in refused.value.hint
    assert "2026-11-23" in refused.value.hint
