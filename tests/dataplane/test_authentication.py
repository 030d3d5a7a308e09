"""Who is let in with what."""

import time
from dataclasses import replace

import pytest
from raw_http import Reply
from small_gateway import SmallGateway, StartGateway
from small_house import basic, hashed

from tbgateway.domain.model import Access, Role

ANSWERS = (
    # board's access, user name, password, expected status
    ("password", None, None, 401),
    ("password", "vision-user", "vision-password", 200),
    ("password", "vision-user", "wrong", 401),
    ("password", "vision-user", "", 401),
    ("password", "VISION-USER", "vision-password", 401),
    ("password", "audio-user", "audio-password", 401),
    ("password", "", "vision-password", 401),
    ("password", "nobody", "vision-password", 401),
    ("password", "olga", "olga-password", 200),
    ("password", "olga", "vision-password", 401),
    ("password", "ada", "ada-password", 200),
    ("password", "vera", "vera-password", 401),
    ("members", None, None, 401),
    ("members", "vera", "vera-password", 200),
    ("members", "vera", "wrong", 401),
    ("members", "vision-user", "vision-password", 401),
    ("public", None, None, 200),
    ("public", "vision-user", "wrong", 200),
)


@pytest.mark.parametrize(("access", "name", "password", "status"), ANSWERS)
async def test_a_board_lets_in_whom_it_should(
    gateway: SmallGateway, access: str, name: str | None, password: str | None, status: int
) -> None:
    boards = gateway.house.boards
    boards["vision"] = replace(boards["vision"], access=Access(access))
    auth = None if name is None else basic(name, password)

    reply = await gateway.ask("/boards/vision/data/runs", auth=auth)

    assert reply.status == status
    assert len(gateway.fake("vision").requests) == (status == 200)


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic dmlzaW9u",
        "Basic dmlzaW9uLXVzZXI6dmlzaW9uLXBhc3N3b3Jk=",
        "Digest username=vision-user",
        "Bearer",
        "Bearer vision-password",
        "Bearer tbg_x_y",
        "Negotiate YII",
        "vision-user:vision-password",
    ],
)
async def test_a_malformed_header_is_a_wrong_one(gateway: SmallGateway, header: str) -> None:
    reply = await gateway.ask("/boards/vision/", auth=header)

    assert reply.status == 401


@pytest.mark.parametrize("path", ["vision", "unheard-of", "renamed-long-ago"])
@pytest.mark.parametrize(
    "credentials", [None, ("vision-user", "wrong"), ("nobody", "x"), ("vera", "wrong")]
)
async def test_known_unknown_and_renamed_boards_refuse_alike(
    gateway: SmallGateway, path: str, credentials: tuple[str, str] | None
) -> None:
    gateway.house.old_names["renamed-long-ago"] = gateway.house.boards["audio"].id
    auth = basic(*credentials) if credentials else None

    for way in ("", "/", "/data/runs"):
        reply = await gateway.ask(f"/boards/{path}{way}", auth=auth)

        assert reply.status == 401
        challenge = reply.header("WWW-Authenticate")
        assert challenge == f'Basic realm="tbgateway board {path}", charset="UTF-8"'
        assert reply.header("Cache-Control") == "no-store"
        assert path.encode() not in reply.body


async def test_every_attempt_costs_one_verification(gateway: SmallGateway) -> None:
    asked: list[tuple[str | None, bytes]] = []
    verify = gateway.means.verifier.verify

    async def counting(subject: str, username: str, password: bytes, hashed: str | None) -> bool:
        asked.append((hashed, password))
        return await verify(subject, username, password, hashed)

    gateway.means.verifier.verify = counting
    house = gateway.house
    attempts = {
        ("vision", "vision-user"): house.boards["vision"].password_hash,
        ("vision", "vera"): house.members["vera"].password_hash,
        ("vision", "nobody"): None,
        ("unheard-of", "vision-user"): None,
        ("unheard-of", "vera"): house.members["vera"].password_hash,
    }
    for board, name in attempts:
        await gateway.ask(f"/boards/{board}/", auth=basic(name, "some password"))

    assert asked == [(expected, b"some password") for expected in attempts.values()]


async def test_neither_memory_nor_queue_tell_anything_about_names(gateway: SmallGateway) -> None:
    """Both can be seen by the time it takes, so both go by what was asked, and by whom."""
    asked: list[tuple[str, str]] = []
    verify = gateway.means.verifier.verify

    async def noting(subject: str, username: str, password: bytes, hashed: str | None) -> bool:
        asked.append((subject, username))
        return await verify(subject, username, password, hashed)

    gateway.means.verifier.verify = noting
    questions = [
        (board, name)
        for board in ("vision", "audio", "unheard-of", "unheard-of-too")
        for name in ("vision-user", "vera", "nobody", "nobody-too")
    ]
    for board, name in questions:
        await gateway.ask(f"/boards/{board}/", auth=basic(name, "some password"))

    assert asked == [(f"127.0.0.1 tbgateway board {board}", name) for board, name in questions]


async def test_a_boards_own_name_goes_before_a_members(gateway: SmallGateway) -> None:
    gateway.house.add_member("vision-user", Role.ADMIN)

    as_board = basic("vision-user", "vision-password")
    as_member = basic("vision-user", "vision-user-password")

    assert (await gateway.ask("/boards/vision/", auth=as_board)).status == 200
    assert (await gateway.ask("/boards/vision/", auth=as_member)).status == 401
    assert (await gateway.ask("/boards/audio/", auth=as_member)).status == 200


async def test_a_new_board_of_the_same_name_has_its_own_password(gateway: SmallGateway) -> None:
    """What was remembered of the old one must not open the new one."""
    auth = basic("vision-user", "vision-password")
    assert (await gateway.ask("/boards/vision/", auth=auth)).status == 200

    house = gateway.house
    fresh = replace(house.add_board("other"), name="vision", username="vision-user")
    house.boards["vision"] = fresh

    assert (await gateway.ask("/boards/vision/", auth=auth)).status == 401


async def test_a_changed_password_counts_at_once(gateway: SmallGateway) -> None:
    auth = basic("vision-user", "vision-password")
    assert (await gateway.ask("/boards/vision/", auth=auth)).status == 200

    boards = gateway.house.boards
    boards["vision"] = replace(boards["vision"], password_hash=boards["audio"].password_hash)

    assert (await gateway.ask("/boards/vision/", auth=auth)).status == 401


async def test_names_and_passwords_beyond_ascii_work(gateway: SmallGateway) -> None:
    board = gateway.house.boards["vision"]
    gateway.house.boards["vision"] = replace(board, password_hash=hashed("Zürich—東京"))

    good = await gateway.ask("/boards/vision/", auth=basic("vision-user", "Zürich—東京"))
    decomposed = await gateway.ask(
        "/boards/vision/", auth=basic("vision-user", "Zu\u0308rich—東京")
    )

    assert (good.status, decomposed.status) == (200, 200)


@pytest.mark.parametrize("path", ["/api/v1/boards", "/boards/vision/"])
async def test_tokens_count_as_their_member(gateway: SmallGateway, path: str) -> None:
    async def status(secret: str) -> int:
        return (await gateway.ask(path, auth=f"Bearer {secret}")).status

    good = gateway.tokens["ada"]
    expired = gateway.house.add_token("ada", expires_at=time.time() - 1)
    running = gateway.house.add_token("ada", expires_at=time.time() + 1000)
    orphaned = gateway.house.add_token("somebody who left")

    assert [await status(secret) for secret in (good, running)] == [200, 200]
    assert [await status(secret) for secret in (expired, orphaned)] == [401, 401]
    assert await status(good[:-1] + ("a" if good[-1] != "a" else "b")) == 401


KEYED = "/tensorboards/v1/"


async def test_an_api_key_counts_as_its_member_where_a_route_takes_one(
    gateway: SmallGateway,
) -> None:
    async def asked(key: str) -> Reply:
        return await gateway.ask(KEYED, headers={"X-API-Key": key})

    good = await asked(gateway.tokens["vera"])
    expired = gateway.house.add_token("ada", expires_at=time.time() - 1)

    assert good.status == 200
    assert "name='vera'" in good.json()["identity"]
    for key in (expired, "", "wrong", "vera-password", "\u00e4"):
        refused = await asked(key)
        assert (refused.status, refused.json()["title"]) == (401, "Invalid credentials provided")


@pytest.mark.parametrize(
    "path", ["/api/v1/boards", "/boards/vision/data/runs", "/", "/tensorboards/v2/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_api_key_is_nobody_anywhere_else(
    gateway: SmallGateway, path: str, method: str
) -> None:
    key = {"X-API-Key": gateway.tokens["ada"]}

    with_key = await gateway.ask(path, method=method, headers=key)
    without = await gateway.ask(path, method=method)

    assert with_key.status == without.status
    assert with_key.status in {401, 404, 405}
    assert gateway.reached == []


async def test_an_api_key_does_not_make_a_browsers_request_a_deliberate_one_elsewhere(
    gateway: SmallGateway,
) -> None:
    headers = {"X-API-Key": gateway.tokens["ada"], "Sec-Fetch-Site": "cross-site"}
    auth = basic("ada", "ada-password")

    elsewhere = await gateway.ask("/api/v1/boards", method="POST", auth=auth, headers=headers)
    there = await gateway.ask(KEYED, method="POST", auth=auth, headers=headers)
    no_key = await gateway.ask(
        KEYED, method="POST", auth=auth, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert (elsewhere.status, there.status, no_key.status) == (403, 200, 403)


async def test_an_api_key_goes_before_a_password(gateway: SmallGateway) -> None:
    """Clients add one from ~/.netrc by themselves: it must not make somebody else of them."""
    key = {"X-API-Key": gateway.tokens["vera"]}
    wrong = {"X-API-Key": gateway.tokens["vera"][:-1] + "~"}

    both = await gateway.ask(KEYED, auth=basic("ada", "ada-password"), headers=key)
    key_only_fits = await gateway.ask(KEYED, auth=basic("ada", "of old"), headers=key)
    password_only_fits = await gateway.ask(KEYED, auth=basic("ada", "ada-password"), headers=wrong)

    assert "name='vera'" in both.json()["identity"]
    assert (key_only_fits.status, password_only_fits.status) == (200, 401)


async def test_two_tokens_are_refused(gateway: SmallGateway) -> None:
    token = gateway.tokens["ada"]
    beside = await gateway.ask(KEYED, auth=f"Bearer {token}", headers={"X-API-Key": token})
    twice = await gateway.ask(KEYED, headers={"X-API-Key": token, "x-api-key": token})

    assert (beside.status, twice.status) == (400, 400)
    assert beside.json()["message"].startswith("The request has more than one API token.")


async def test_the_control_socket_needs_no_password(gateway: SmallGateway) -> None:
    reply = await gateway.by_control(
        b"PUT /api/v1/members/x HTTP/1.1\r\nHost: tbgateway\r\nSec-Fetch-Site: cross-site\r\n"
        b"Connection: close\r\n\r\n"
    )

    assert reply.status == 200
    assert "LocalOperator" in reply.json()["identity"]


async def test_board_processes_are_refused_on_the_control_socket(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(is_board_process=lambda _pid: True)

    reply = await gateway.by_control(b"GET /healthz HTTP/1.0\r\n\r\n")

    assert reply.status == 403
    assert gateway.reached == []
