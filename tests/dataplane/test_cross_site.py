"""Changes that another site makes a browser ask for."""

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic

from tbgateway.dataplane.origins import Origins

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
