from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin

import pytest

from tbgateway.cookies import Cookies
from tbgateway.domain.errors import PayloadTooLargeError
from tbgateway.domain.model import Role
from tbgateway.routes import External

COOKIES = Cookies.at(External("http", "localhost"))  # where the tests' exchanges believe to be
PASSWORD = "the-ada-password"


@pytest.fixture(autouse=True)
async def _ada(house: Any) -> None:
    await house.means.members.create("ada", role=Role.EDITOR, password=PASSWORD)


def form(**changes: str) -> dict[str, str]:
    return {"username": "ada", "password": PASSWORD, "next": "/ui/experiments?q=x", **changes}


def shown(cookies: SimpleCookie) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{one.key}={one.value}" for one in cookies.values() if one.value)}


async def test_the_form_keeps_where_to_go_on(ask: Any) -> None:
    response = await ask("/ui/sign-in", query="next=%2Fui%2Fboards%2Fa%3Fb%3Dc%26d")

    assert response.status == 200
    assert '<input type="hidden" name="next" value="/ui/boards/a?b=c&amp;d">' in response.text
    assert 'autocomplete="username"' in response.text
    assert 'autocomplete="current-password"' in response.text
    assert "Sign out" not in response.text
    assert response.text.count("autofocus") == 1


async def test_whose_form_was_not_taken_is_told_so(ask: Any) -> None:
    lost = "What you sent was not saved: you were signed out. Sign in and do it again."

    assert lost in (await ask("/ui/sign-in", query="next=%2Fui%2Fx&unsaved=1")).text
    assert lost not in (await ask("/ui/sign-in", query="next=%2Fui%2Fx")).text


@pytest.mark.parametrize("goal", ["", "https://evil.test/", "//evil.test", "/../other-app"])
async def test_the_form_leads_home_rather_than_elsewhere(ask: Any, goal: str) -> None:
    response = await ask("/ui/sign-in", query=f"next={goal}")

    assert '<input type="hidden" name="next" value="/">' in response.text


@pytest.mark.parametrize(
    ("goal", "url"),
    [
        ("/", "https://host/tb/"),
        ("/ui/experiments?q=x", "https://host/tb/ui/experiments?q=x"),
        ("/boards/vision/", "https://host/tb/boards/vision/"),
        ("//evil.test", "https://host/tb/"),
    ],
)
async def test_who_signs_in_goes_on_below_the_prefix(
    ask: Any, house: Any, goal: str, url: str
) -> None:
    response = await ask("/ui/sign-in", form=form(next=goal))

    assert response.status == 303
    assert urljoin("https://host/tb/ui/sign-in", response.headers["Location"]) == url
    secret = response.cookies[COOKIES.name].value
    assert [one.member for one in house.means.sessions.valid([secret])] == ["ada"]
    assert PASSWORD not in str(response.headers)


async def test_who_is_signed_in_goes_on_at_once(ask: Any) -> None:
    signed_in = await ask("/ui/sign-in", form=form())

    response = await ask("/ui/sign-in", query="next=/ui/x", headers=shown(signed_in.cookies))

    assert (response.status, response.headers["Location"]) == (303, "../ui/x")


@pytest.mark.parametrize("name", ["ada", "nobody", "<script>"])
async def test_a_refused_form_shows_what_was_typed_but_no_password(ask: Any, name: str) -> None:
    response = await ask("/ui/sign-in", form=form(username=name, password="not-the-password"))

    assert response.status == 401
    assert response.text.count("autofocus") == 1
    assert "The user name and the password do not fit." in response.text
    assert "not-the-password" not in response.text
    assert "<script>" not in response.text
    assert 'name="next" value="/ui/experiments?q=x"' in response.text
    assert "Basic" not in response.headers["WWW-Authenticate"]
    assert not response.cookies


async def test_a_known_and_an_unknown_name_get_the_same_answer(ask: Any) -> None:
    pages = [
        (await ask("/ui/sign-in", form=form(username=name, password="no"))).text.replace(name, "?")
        for name in ("ada", "zoe")
    ]

    assert pages[0] == pages[1]


async def test_a_missing_name_is_said_beside_its_field(ask: Any) -> None:
    response = await ask("/ui/sign-in", form=form(username=" "))

    assert response.status == 422
    assert 'aria-invalid="true"' in response.text


@pytest.mark.parametrize("password", ["Zu\u0308rich—東京", "Zürich—東京"])
async def test_a_password_may_be_composed_in_two_ways(ask: Any, house: Any, password: str) -> None:
    await house.means.members.create("zoe", role=Role.VIEWER, password="Zürich—東京")

    response = await ask("/ui/sign-in", form=form(username="zoe", password=password))

    assert response.status == 303


async def test_too_many_guesses_say_when_to_come_back(ask: Any, house: Any) -> None:
    for _ in range(1000):
        house.means.sessions._passwords.throttle._count("")
    response = await ask("/ui/sign-in", form=form(password="a-guess"))

    assert response.status == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "Too many wrong passwords." in response.text


async def test_signing_out_ends_the_session_and_leaves_a_mark(ask: Any, house: Any) -> None:
    signed_in = await ask("/ui/sign-in", form=form())
    secret = signed_in.cookies[COOKIES.name].value

    response = await ask("/ui/sign-out", form={}, headers=shown(signed_in.cookies))

    assert (response.status, response.headers["Location"]) == (303, "../ui/sign-in")
    assert not house.means.sessions.valid([secret])
    assert response.cookies[COOKIES.name].value == ""
    assert response.cookies[f"{COOKIES.name}_left"].value == "1"


async def test_signing_out_without_a_session_leaves_the_mark_too(ask: Any) -> None:
    response = await ask("/ui/sign-out", form={})

    assert response.cookies[f"{COOKIES.name}_left"].value == "1"


async def test_signing_in_takes_the_mark_away(ask: Any) -> None:
    left = await ask("/ui/sign-out", form={})

    response = await ask("/ui/sign-in", form=form(), headers=shown(left.cookies))

    assert response.cookies[f"{COOKIES.name}_left"]["max-age"] == "0"


async def test_nobody_has_a_name_that_long(ask: Any) -> None:
    with pytest.raises(PayloadTooLargeError):
        await ask("/ui/sign-in", form=form(username="x" * 20_000))


@pytest.mark.parametrize(
    ("public", "page", "status"),
    [
        ("https://host/tb", "https://host/tb/ui/sign-in", 303),
        ("https://host/tb", "http://127.0.0.1:8300/ui/sign-in", 422),
        ("https://host/tb", "http://host/tb/ui/sign-in", 422),
        ("https://host/tb", "https://host/ui/sign-in", 422),
        ("http://host/tb", "http://127.0.0.1:8300/ui/sign-in", 422),
        ("http://host", "http://127.0.0.1:8300/ui/sign-in", 303),
        ("https://host/tb", "", 303),
    ],
)
async def test_where_no_browser_would_keep_the_cookie_nobody_can_sign_in(
    ask: Any, public: str, page: str, status: int
) -> None:
    scheme, _, rest = public.partition("://")
    host, slash, prefix = rest.partition("/")
    external = External(scheme, host, slash + prefix)
    headers = {"Referer": page} if page else {}

    response = await ask("/ui/sign-in", form=form(), headers=headers, external=external)

    assert response.status == status
    assert status == 303 or f"Open {public}/" in response.text
