from urllib.parse import urljoin

import pytest

from tbgateway.dataplane.locations import below_board

BOARD = "https://example.org/tb/boards/vision/"


@pytest.mark.parametrize("rest", ["", "images", "data/plugin/x", "a/"])
@pytest.mark.parametrize("location", ["/", "/index.html", "/data/runs?x=/y#z"])
def test_absolute_paths_stay_below_the_board(rest: str, location: str) -> None:
    ((_, rewritten),) = below_board([("location", location)], rest)

    assert urljoin(BOARD + rest, rewritten) == BOARD + location[1:]


@pytest.mark.parametrize("location", ["other", "./x", "?x=1", "#top"])
def test_relative_ones_pass(location: str) -> None:
    assert below_board([("Location", location)], "a/b") == [("Location", location)]


@pytest.mark.parametrize(
    "location", ["../x", "./../x/", "b/../../x", "%2e%2e/x", "..", "../?a=..#.."]
)
def test_relative_ones_may_climb_as_far_as_the_board(location: str) -> None:
    ((_, kept),) = below_board([("Location", location)], "a/b")

    assert urljoin(BOARD + "a/b", kept.replace("%2e", ".")).startswith(BOARD)


@pytest.mark.parametrize(
    ("rest", "location"),
    [
        ("", ".."),
        ("", "../audio/data/runs"),
        ("a", "../audio/"),
        ("a/b", "../../audio/"),
        ("a/b", "c/../../../audio/"),
        ("a/b", "%2e%2e/%2E./audio/"),
        ("a/b", ".%2e/../audio/"),
        ("a/b", "c%2fd/../../../audio/"),
        ("a/b", "/../audio/"),
        ("a/b", "/x/../../audio/"),
        ("a/b", "/%2e%2e/audio/"),
        ("", "..\t/audio/"),
        ("", ".\t./audio/"),
        ("", " ../audio/"),
        ("", "..\\audio/"),
        ("", "\u00a0../audio/"),
    ],
)
def test_nobody_is_sent_to_another_board(rest: str, location: str) -> None:
    assert below_board([("Location", location)], rest) == []


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.test/",
        "//evil.test/",
        "///evil.test/",
        "/\\evil.test/",
        "\\\\evil.test/",
        "javascript:alert(1)",
        "http://[",
    ],
)
def test_ways_out_are_taken_out(location: str) -> None:
    headers = below_board([("Location", location), ("X-Kept", "1")], "")

    assert ("X-Kept", "1") in headers
    for name, value in headers:
        if name == "Location":
            assert urljoin(BOARD, value).startswith(BOARD)
