"""What browsers are given to keep, and what they show of it."""

import re

import pytest
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from tbgateway.cookies import Cookies, Shown
from tbgateway.routes import External

PLAIN = External("http", "gateway.test:8300")
SECURE = External("https", "gateway.test", "/team/tb")
SECRET = "tbs_0000000000_" + "0" * 64


def headers(*lines: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict([("Cookie", line) for line in lines]))


def set_by(response: web.Response) -> list[str]:
    return sorted(cookie.OutputString() for cookie in response.cookies.values())


def test_a_session_is_kept_out_of_the_reach_of_scripts_and_other_sites() -> None:
    response, cookies = web.Response(), Cookies.at(PLAIN)

    cookies.sign_in(response, SECRET, 60.0)

    assert set_by(response) == [
        f"{cookies.name}={SECRET}; HttpOnly; Max-Age=60; Path=/; SameSite=Lax",
        f'{cookies.name}_left=""; HttpOnly; Max-Age=0; Path=/; SameSite=Lax',
    ]


def test_signing_out_takes_the_secret_and_leaves_a_mark_until_the_browser_is_closed() -> None:
    response, cookies = web.Response(), Cookies.at(PLAIN)

    cookies.sign_out(response)

    assert set_by(response) == [
        f'{cookies.name}=""; HttpOnly; Max-Age=0; Path=/; SameSite=Lax',
        f"{cookies.name}_left=1; HttpOnly; Path=/; SameSite=Lax",
    ]


def test_with_tls_cookies_stay_with_tls_and_below_the_prefix() -> None:
    response = web.Response()

    Cookies.at(SECURE).sign_in(response, SECRET, 60.0)

    assert len(response.cookies) == 2
    for cookie in response.cookies.values():
        assert cookie["secure"]
        assert cookie["path"] == "/team/tb/"
        assert not cookie["domain"]


@pytest.mark.parametrize(
    ("external", "form"),
    [
        (PLAIN, r"tbgateway_[0-9a-f]{8}"),
        (SECURE, r"__Http-tbgateway_[0-9a-f]{8}"),
        (External("https", "gateway.test"), r"__Host-Http-tbgateway_[0-9a-f]{8}"),
    ],
)
def test_a_name_promises_what_the_browser_can_keep(external: External, form: str) -> None:
    assert re.fullmatch(form, Cookies.at(external).name)


def test_gateways_on_one_host_have_cookies_of_their_own() -> None:
    places = (
        PLAIN,
        External("http", "gateway.test:8301"),
        External("http", "gateway.test:8300", "/tb"),
        External("http", "gateway.test:8300", "/team/tb"),
        SECURE,
    )

    assert len({Cookies.at(place).name for place in places}) == len(places)
    assert Cookies.at(External("http", "GATEWAY.test:8300")) == Cookies.at(PLAIN)


def test_only_cookies_of_ones_own_name_are_read() -> None:
    cookies = Cookies.at(PLAIN)
    name = cookies.name

    shown = cookies.read(headers(f"a=b; {name}=first;c; {name}x=no; ={name}", f"{name}=second"))

    assert shown == Shown(("first", "second"), left=False)
    assert cookies.read(headers()) == cookies.read(headers("", ";;", "a=b")) == Shown()


def test_of_many_cookies_of_one_name_the_first_few_are_looked_at() -> None:
    cookies = Cookies.at(PLAIN)
    line = "; ".join(f"{cookies.name}={number}" for number in range(1000))

    assert cookies.read(headers(line)).secrets == ("0", "1", "2", "3")


@pytest.mark.parametrize(("value", "left"), [("1", True), ("", False), ("0", False)])
def test_a_browser_shows_that_somebody_left(value: str, left: bool) -> None:  # noqa: FBT001 - a column of the table
    cookies = Cookies.at(PLAIN)

    assert cookies.read(headers(f"{cookies.name}_left={value}")).left is left
