from datetime import timedelta

import pytest

from tbgateway.cli.idle import Idle, idle_seconds, idle_words


@pytest.mark.parametrize(
    ("after", "seconds"), [("never", 0.0), ("default", None), (timedelta(minutes=5), 300.0)]
)
def test_each_way_to_say_it_is_what_the_gateway_takes(after: Idle, seconds: float | None) -> None:
    assert idle_seconds(after) == seconds


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "the gateway's default"), (0.0, "never"), (7200.0, "2 hours")]
)
def test_it_is_said_in_words(seconds: float | None, words: str) -> None:
    assert idle_words(seconds) == words
