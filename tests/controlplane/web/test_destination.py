"""Where signing in may lead: never to somebody else's place, nor round in circles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.controlplane.web.destination import destination

OURS = (
    "/",
    "/?q=a&sort=name",
    "/ui/boards/vision",
    "/ui/boards/vision/add?q=%22x%22&page=2",
    "/boards/vision/",
    "/ui/experiments?name=a%2Fb&next=https://x/",
    "/ui/boards/..vision",
    "/boards/%C3%A4/",
)
TRICKS = (
    "",
    "ui/boards",
    "//evil.test",
    "//evil.test/",
    "///evil.test",
    "/\\evil.test",
    "\\/evil.test",
    "/\\/evil.test",
    "https://evil.test",
    "https:evil.test",
    "http:///evil.test",
    "javascript:alert(1)",
    "/\t/evil.test",
    "/\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/ /evil.test",
    "/\x00/evil.test",
    "/\r\nSet-Cookie: a=b",
    "/%0d%0a/../x",
    "/..//evil.test",
    "/../other-app/",
    "/./x",
    "/a/../../other-app",
    "/%2e%2e/other-app",
    "/.%2E/other-app",
    "/%252e%252e/other-app",
    "/a%2f..%2f..%2fother-app",
    "/%2f/evil.test",
    "/%2fevil.test/x",
    "/%5cevil.test",
    "/a%5c..%5cb",
    "/a//evil.test",
    "/%25252525252e%252e/",
    "/#//evil.test",
    "/ä",
    "/\u202e",
    "/\uff0fevil.test",
    "@evil.test",
    "/ui/sign-in",
    "/ui/sign-in?next=/ui/sign-in",
    "/ui/sign-out",
    "/" + "x" * 3000,
)


@pytest.mark.parametrize("text", OURS)
def test_a_place_of_ours_is_gone_to(text: str) -> None:
    assert destination(text) == text


@pytest.mark.parametrize("text", TRICKS)
def test_every_trick_leads_home(text: str) -> None:
    assert destination(text) == "/"


@given(st.text(alphabet="/\\.%2ef5c?#@: \t\n:a"))
def test_whatever_is_asked_for_stays_below_the_root(text: str) -> None:
    goal = destination(text)

    assert goal.startswith("/")
    assert not goal.startswith(("//", "/\\"))
    assert goal.isprintable()
    assert ".." not in goal.partition("?")[0].split("/")
