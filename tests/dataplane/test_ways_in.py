"""What strangers are told to do."""

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic

from tbgateway.cookies import Cookies
from tbgateway.dataplane.origins import Origins
from tbgateway.routes import External

PERSON = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROGRAMS = ("*/*", "", "application/json", "text/plain, text/html;q=0.5")
NAME = Cookies.at(External("http", "gateway.test")).name


def goal_of(location: str) -> str | None:
    return parse_qs(urlsplit(location).query).get("next", [None])[0]


@pytest.mark.parametrize(
    ("path", "goal"),
    [("/", None), ("/?q=a%26b&sort=name", "/?q=a%26b&sort=name"), ("/?" + "x" * 3000, None)],
)
async def test_a_person_is_led_to_sign_in_and_back(
    gateway: SmallGateway, path: str, goal: str | None
) -> None:
    for auth in (None, basic("ada", "wrong"), "Basic !"):
        reply = await gateway.ask(path, auth=auth, headers={"Accept": PERSON})

        location = reply.header("Location")
        assert reply.status == 303
        assert location.startswith("ui/sign-in")
        assert goal_of(location) == goal
        assert "unsaved" not in location
        assert reply.header("WWW-Authenticate") is None
        assert reply.header("Cache-Control") == "no-store"
        assert "Accept" in reply.header("Vary")


async def test_the_way_is_right_below_a_prefix(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(origins=Origins(public_url="https://example.org/tb"))

    reply = await gateway.ask("/tb/?a=b", headers={"Accept": PERSON})

    url = urljoin("https://example.org/tb/?a=b", reply.header("Location"))
    assert url == "https://example.org/tb/ui/sign-in?next=%2F%3Fa%3Db"


@pytest.mark.parametrize("accept", PROGRAMS)
async def test_a_program_is_asked_for_a_password(gateway: SmallGateway, accept: str) -> None:
    reply = await gateway.ask("/", headers={"Accept": accept})

    assert reply.status == 401
    assert reply.header("WWW-Authenticate") == 'Basic realm="tbgateway", charset="UTF-8"'


@pytest.mark.parametrize("path", ["/api/v1/boards", "/boards/vision/", "/boards/unheard-of/"])
async def test_what_is_no_page_asks_a_person_for_a_password_too(
    gateway: SmallGateway, path: str
) -> None:
    reply = await gateway.ask(path, headers={"Accept": PERSON})

    assert reply.status == 401
    assert reply.header("WWW-Authenticate").startswith("Basic realm=")


@pytest.mark.parametrize("name", ["vision", "unheard-of"])
async def test_at_a_board_who_cancels_the_dialog_finds_the_way_to_sign_in(
    gateway: SmallGateway, name: str
) -> None:
    reply = await gateway.ask(f"/boards/{name}/?a=b", headers={"Accept": PERSON})

    link = f'href="../../ui/sign-in?next=%2Fboards%2F{name}%2F%3Fa%3Db"'
    assert link in reply.body.decode()


async def test_who_is_signed_in_already_is_not_told_to(gateway: SmallGateway) -> None:
    headers = {"Accept": PERSON, "Cookie": f"{NAME}={gateway.house.add_session('vera')}"}

    reply = await gateway.ask("/boards/vision/", headers=headers)

    assert reply.status == 401
    assert "sign-in" not in reply.body.decode()


async def test_the_request_of_a_pages_script_opens_no_dialog(gateway: SmallGateway) -> None:
    script = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}

    api = await gateway.ask("/api/v1/boards", headers=script)
    board = await gateway.ask("/boards/vision/data/x", headers=script)

    assert (api.status, board.status) == (401, 401)
    assert api.header("WWW-Authenticate") == 'Bearer realm="tbgateway"'
    assert board.header("WWW-Authenticate").startswith("Basic")


async def test_a_pages_script_is_told_the_plain_truth(gateway: SmallGateway) -> None:
    headers = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin", "Accept": PERSON}

    reply = await gateway.ask("/", headers=headers)

    assert reply.status == 401
    assert reply.header("WWW-Authenticate").startswith("Bearer")


@pytest.mark.parametrize(
    ("referer", "goal"),
    [
        ("http://gateway.test/ui/boards/vision/add?q=x", "/ui/boards/vision/add?q=x"),
        ("http://gateway.test/", None),
        ("http://gateway.test/boards/vision/", None),
        ("http://evil.test/x", None),
        ("http://[", None),
        ("", None),
    ],
)
async def test_whose_session_ended_before_a_form_was_sent_comes_back_to_the_form(
    gateway: SmallGateway, referer: str, goal: str | None
) -> None:
    headers = {"Accept": PERSON, "Referer": referer, "Sec-Fetch-Site": "same-origin"}

    reply = await gateway.ask("/ui/form", method="POST", headers=headers)

    assert reply.status == 303
    assert goal_of(reply.header("Location")) == goal
    assert parse_qs(urlsplit(reply.header("Location")).query)["unsaved"] == ["1"]


async def test_other_refusals_lead_nowhere(gateway: SmallGateway) -> None:
    missing = await gateway.ask("/ui/nothing", headers={"Accept": PERSON})

    assert missing.status == 404
    assert "sign-in" not in missing.body.decode()
