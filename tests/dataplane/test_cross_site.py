"""Changes that another site makes a browser ask for."""

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic

from tbgateway.cookies import Cookies
from tbgateway.dataplane.origins import Origins
from tbgateway.routes import External

ASKED = (
    ({}, 200),
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "invented"}, 403),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.a.proxy"}, 200),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://gateway.test"}, 403),
    ({"Origin": "http://gateway.test"}, 200),
    ({"Origin": "http://GATEWAY.test:80"}, 200),
    ({"Origin": "http://gateway.test:81"}, 403),
    ({"Origin": "http://evil.test"}, 403),
    ({"Origin": "http://gateway.test.evil.test"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": ""}, 403),
    ({"Origin": "http://["}, 403),
)


@pytest.mark.parametrize(("headers", "status"), ASKED)
@pytest.mark.parametrize(
    ("method", "path", "login"),
    [
        ("POST", "/api/v1/boards", ("olga", "olga-password")),
        ("DELETE", "/api/v1/boards/vision", ("olga", "olga-password")),
        ("POST", "/boards/vision/data/x", ("vision-user", "vision-password")),
    ],
)
async def test_changes_need_to_come_from_the_gateways_own_pages(
    gateway: SmallGateway,
    headers: dict[str, str],
    status: int,
    method: str,
    path: str,
    login: tuple[str, str],
) -> None:
    reply = await gateway.ask(path, method=method, auth=basic(*login), headers=headers)

    assert reply.status == status


NAME = Cookies.at(External("http", "gateway.test")).name


@pytest.mark.parametrize(("headers", "status"), [*ASKED[1:], ({}, 403)])
async def test_a_sessions_changes_say_where_they_come_from(
    gateway: SmallGateway, headers: dict[str, str], status: int
) -> None:
    """No browser is silent about that, and nothing but a browser has a session."""
    cookie = {"Cookie": f"{NAME}={gateway.house.add_session('olga')}"}

    reply = await gateway.ask("/api/v1/boards", method="POST", headers=headers | cookie)

    assert reply.status == status


async def test_two_words_about_the_site_must_agree(gateway: SmallGateway) -> None:
    login = basic("olga", "olga-password")
    reply = await gateway.raw(
        b"POST /api/v1/boards HTTP/1.1\r\nHost: h\r\nSec-Fetch-Site: same-origin\r\n"
        b"Sec-Fetch-Site: cross-site\r\nAuthorization: " + login.encode() + b"\r\n\r\n"
    )

    assert reply.status == 403


async def test_tokens_are_sent_on_purpose(gateway: SmallGateway) -> None:
    reply = await gateway.ask(
        "/api/v1/boards",
        method="POST",
        auth=f"Bearer {gateway.tokens['olga']}",
        headers={"Origin": "https://notebook.test", "Sec-Fetch-Site": "cross-site"},
    )

    assert reply.status == 200


async def test_reading_is_no_change(gateway: SmallGateway) -> None:
    reply = await gateway.ask(
        "/api/v1/boards",
        auth=basic("olga", "olga-password"),
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert reply.status == 200


async def test_behind_a_proxy_the_public_name_is_the_own_one(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(origins=Origins(public_url="https://example.org/tb"))
    login = basic("olga", "olga-password")

    for origin, status in (("https://example.org", 200), ("https://example.com", 403)):
        reply = await gateway.ask(
            "/tb/api/v1/boards", method="POST", auth=login, headers={"Origin": origin}
        )
        assert reply.status == status


EDITOR = basic("olga", "olga-password")
FITTING = ("empty", "document")
OTHERS = ("script", "image", "json", "style", "worker", "iframe", "object", "manifest", "report")


@pytest.mark.parametrize("purpose", [*FITTING, *OTHERS])
async def test_the_api_is_read_by_scripts_and_people_only(
    gateway: SmallGateway, purpose: str
) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": purpose}

    reply = await gateway.ask("/api/v1/boards", auth=EDITOR, headers=headers)

    assert reply.status == (200 if purpose in FITTING else 403)


@pytest.mark.parametrize("purpose", [*FITTING, *OTHERS])
async def test_the_api_is_changed_by_scripts_only(gateway: SmallGateway, purpose: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": purpose}

    reply = await gateway.ask("/api/v1/boards", method="POST", auth=EDITOR, headers=headers)

    assert reply.status == (200 if purpose == "empty" else 403)


@pytest.mark.parametrize("purpose", [*FITTING, *OTHERS])
async def test_elsewhere_changes_are_made_by_forms_too(gateway: SmallGateway, purpose: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": purpose}

    reply = await gateway.ask("/swallow", method="POST", body=b"", headers=headers)

    assert reply.status == (200 if purpose in FITTING else 403)


PAGES = (
    ("http://gateway.test/", 200),
    ("http://gateway.test/boards", 200),
    ("http://gateway.test/ui/x?from=/boards/vision/", 200),
    ("http://evil.test/boards/vision/", 200),  # a read, and no secret that we ask for it
    ("", 200),
    ("http://[", 200),
    ("http://gateway.test/boards/vision/", 403),
    ("http://GATEWAY.test:80/boards/vision/data/plugin_entry.html?name=x", 403),
)


@pytest.mark.parametrize(("page", "status"), PAGES)
async def test_a_boards_page_has_no_business_with_the_api(
    gateway: SmallGateway, page: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Referer": page}

    for method in ("GET", "POST"):
        reply = await gateway.ask("/api/v1/boards", method=method, auth=EDITOR, headers=headers)
        assert reply.status == status


async def test_a_boards_page_is_known_below_a_prefix(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(origins=Origins(public_url="https://example.org/tb"))
    headers = {"Referer": "https://example.org/tb/boards/vision/"}

    reply = await gateway.ask("/tb/api/v1/boards", auth=EDITOR, headers=headers)

    assert reply.status == 403


async def test_a_boards_page_may_ask_its_board_and_show_our_files(gateway: SmallGateway) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Referer": "http://gateway.test/boards/vision/"}
    login = basic("vision-user", "vision-password")

    board = await gateway.ask(
        "/boards/vision/x",
        method="POST",
        auth=login,
        headers={**headers, "Sec-Fetch-Dest": "script"},
    )
    file = await gateway.ask("/healthz", headers={**headers, "Sec-Fetch-Dest": "style"})

    assert (board.status, file.status) == (200, 200)


@pytest.mark.parametrize(
    ("method", "path", "purpose", "status"),
    [
        ("GET", "/", "document", 200),  # a link
        ("GET", "/", "empty", 403),
        ("GET", "/healthz", "empty", 200),
        ("POST", "/swallow", "document", 403),
        ("POST", "/swallow", "empty", 403),
    ],
)
async def test_a_boards_page_may_lead_to_ours_but_not_read_or_change_them(
    gateway: SmallGateway, method: str, path: str, purpose: str, status: int
) -> None:
    page = "http://gateway.test/boards/vision/"
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": purpose, "Referer": page}

    reply = await gateway.ask(path, method=method, auth=EDITOR, body=b"", headers=headers)

    assert reply.status == status


async def test_a_token_is_welcome_from_any_page(gateway: SmallGateway) -> None:
    reply = await gateway.ask(
        "/api/v1/boards",
        method="POST",
        auth=f"Bearer {gateway.tokens['olga']}",
        headers={"Referer": "http://gateway.test/boards/vision/", "Sec-Fetch-Dest": "script"},
    )

    assert reply.status == 200
