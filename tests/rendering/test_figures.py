import pytest

from tbgateway.rendering.figures import duration, moment, number, size

NOW = 1_795_420_800.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@pytest.mark.parametrize(
    ("ago", "relative"),
    [
        (0, "just now"),
        (44, "just now"),
        (50, "1 minute ago"),
        (MINUTE, "1 minute ago"),
        (119, "1 minute ago"),
        (59.9 * MINUTE, "59 minutes ago"),
        (HOUR, "1 hour ago"),
        (23.9 * HOUR, "23 hours ago"),
        (DAY, "1 day ago"),
        (29 * DAY, "29 days ago"),
        (31 * DAY, "1 month ago"),
        (364 * DAY, "12 months ago"),
        (800 * DAY, "2 years ago"),
        (-10, "just now"),
        (-2 * HOUR, "in 2 hours"),
    ],
)
def test_a_moment_is_told_as_people_tell_it(ago: float, relative: str) -> None:
    assert moment(NOW - ago, NOW).relative == relative


def test_a_moment_also_tells_its_exact_time() -> None:
    seen = moment(NOW, NOW)

    assert seen.exact == "2026-11-23 08:00:00 UTC"
    assert seen.iso == "2026-11-23T08:00:00Z"


@pytest.mark.parametrize("then", [-1e30, -1.0, 1e12, 1e30])
def test_a_file_with_an_impossible_time_breaks_no_page(then: float) -> None:
    assert moment(then, NOW).iso in {"1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (45_300_000, "45 MB"),
        (999_600, "1.0 MB"),
        (1_204_555_000, "1.2 GB"),
        (5 * 10**18, "5000 PB"),
    ],
)
def test_a_size_has_the_unit_that_keeps_it_short(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.123456, "0.1235"),
        (-0.5, "-0.5"),
        (99.99999, "100"),
        (999.96, "1,000"),
        (12_345.6, "12,346"),
        (999_999.9, "1,000,000"),
        (1_234_567.0, "1.23e+06"),
        (0.001, "0.001"),
        (0.000012345, "1.23e-05"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
        (float("-inf"), "-∞"),
    ],
)
def test_a_value_has_the_digits_that_matter(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(10.0, "10 s"), (59.5, "59.5 s"), (60.0, "1 min"), (90.0, "90 s"), (86_400.0, "1440 min")],
)
def test_a_length_of_time_is_in_minutes_if_it_is_some_of_these(seconds: float, text: str) -> None:
    assert duration(seconds) == text
