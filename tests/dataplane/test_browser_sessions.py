"""Who is let in by a browser's cookie, and what that cookie stands back for."""

import time
from dataclasses import replace

import pytest
from raw_board import says
from small_gateway import SmallGateway, StartGateway
from small_house import basic
from structlog.testing import capture_logs

from tbgateway.cookies import Cookies
from tbgateway.dataplane.origins import Origins
from tbgateway.domain.model import Access, Role
from tbgateway.routes import External

COOKIES = Cookies.at(External("http", "gateway.test"))
NAME, LEFT = COOKIES.name, f"{COOKIES.name}_left=1"
BROWSER = {"Accept": "text/html"}


def cookie(*secrets: str) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{NAME}={secret}" for secret in secrets)}


@pytest.mark.parametrize(
    ("path", "member", "status"),
    [
        ("/", "vera", 200),
        ("/api/v1/boards", "vera", 200),
        ("/boards/vision/x", "olga", 200),  # her own
        ("/boards/vision/x", "ada", 200),
        ("/boards/vision/x", "vera", 401),
        ("/boards/unheard-of/x", "vera", 404),
        ("/healthz", "vera", 200),
    ],
)
async def test_a_session_counts_as_its_member(
    gateway: SmallGateway, path: str, member: str, status: int
) -> None:
    reply = await gateway.ask(path, headers=cookie(gateway.house.add_session(member)))

    assert reply.status == status


async def test_a_session_is_no_stronger_than_its_members_role(gateway: SmallGateway) -> None:
    house = gateway.house
    ours = {"Sec-Fetch-Site": "same-origin"}
    viewer, editor = (cookie(house.add_session(name)) | ours for name in ("vera", "olga"))

    assert (await gateway.ask("/api/v1/boards", method="POST", headers=viewer)).status == 403
    assert (await gateway.ask("/api/v1/boards", method="POST", headers=editor)).status == 200
    house.members["olga"] = replace(house.members["olga"], role=Role.VIEWER)
    assert (await gateway.ask("/api/v1/boards", method="POST", headers=editor)).status == 403


async def test_what_no_longer_counts_lets_nobody_in(gateway: SmallGateway) -> None:
    house = gateway.house
    good, left_behind = house.add_session("ada"), house.add_session("olga")
    del house.members["olga"]
    bad = [
        house.add_session("ada", expires_at=time.time() - 1),
        house.add_session("ada", credential_generation=7),
        left_behind,
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        gateway.tokens["ada"],
        "",
    ]

    for secret in bad:
        assert (await gateway.ask("/", headers=cookie(secret))).status == 401
    assert (await gateway.ask("/", headers=cookie(*bad[:2], good))).status == 200


async def test_a_secret_under_another_name_is_nothing(gateway: SmallGateway) -> None:
    secret = gateway.house.add_session("ada")
    elsewhere = Cookies.at(External("http", "gateway.test:81")).name

    for name in ("tbgateway", elsewhere, NAME.upper(), f"x{NAME}"):
        assert (await gateway.ask("/", headers={"Cookie": f"{name}={secret}"})).status == 401


async def test_a_session_is_known_below_the_public_url(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(origins=Origins(public_url="https://example.org/tb"))
    name = Cookies.at(External("https", "example.org", "/tb")).name
    headers = {"Cookie": f"{name}={gateway.house.add_session('vera')}"}

    assert (await gateway.ask("/tb/", headers=headers)).status == 200


# --- beside other credentials


async def test_a_token_goes_before_a_session(gateway: SmallGateway) -> None:
    headers = cookie(gateway.house.add_session("vera"))

    reply = await gateway.ask("/", auth=f"Bearer {gateway.tokens['ada']}", headers=headers)

    assert "'ada'" in reply.json()["identity"]


@pytest.mark.parametrize(
    "auth",
    [basic("ada", "ada-password"), basic("ada", "of-last-year"), basic("nobody", "x"), "Basic !"],
)
async def test_a_password_that_a_browser_repeats_does_not_hurt_who_signed_in(
    gateway: SmallGateway, auth: str
) -> None:
    headers = cookie(gateway.house.add_session("vera"))

    reply = await gateway.ask("/", auth=auth, headers=headers)

    assert reply.status == 200
    assert "'vera'" in reply.json()["identity"]


async def test_at_a_board_a_password_counts_where_the_session_does_not_suffice(
    gateway: SmallGateway,
) -> None:
    headers = cookie(gateway.house.add_session("vera"))
    visitor, wrong = basic("vision-user", "vision-password"), basic("vision-user", "wrong")

    assert (await gateway.ask("/boards/vision/x", auth=visitor, headers=headers)).status == 200
    assert (await gateway.ask("/boards/vision/x", auth=wrong, headers=headers)).status == 401
    assert (await gateway.ask("/boards/vision/x", headers=headers)).status == 401
    post = {"method": "POST", "auth": visitor, "body": b""}  # by a program: no browser asks so
    assert (await gateway.ask("/boards/vision/x", headers=headers, **post)).status == 200
    boards = gateway.house.boards
    boards["vision"] = replace(boards["vision"], access=Access.MEMBERS)
    assert (await gateway.ask("/boards/vision/x", auth=wrong, headers=headers)).status == 200


async def test_sessions_of_two_members_in_one_browser_end_each_other(
    gateway: SmallGateway,
) -> None:
    """The script of a board can plant its maker's own beside the visitor's."""
    house = gateway.house
    mine, planted = house.add_session("vera"), house.add_session("olga")
    second = house.add_session("vera")
    assert (await gateway.ask("/", headers=cookie(mine, second))).status == 200

    with capture_logs() as logs:
        assert (await gateway.ask("/", headers=cookie(planted, mine))).status == 401

    assert (await gateway.ask("/", headers=cookie(mine))).status == 401
    assert (await gateway.ask("/", headers=cookie(planted))).status == 401
    (warning,) = (entry for entry in logs if entry["log_level"] == "warning")
    assert warning["members"] == ["olga", "vera"]
    assert not [secret for secret in (mine, planted) if secret in str(logs)]


async def test_without_a_cookie_nobody_looks_for_sessions(gateway: SmallGateway) -> None:
    gateway.house.valid = None  # type: ignore[assignment,method-assign] # a look would fail

    assert (await gateway.ask("/", auth=basic("vera", "vera-password"))).status == 200
    assert (await gateway.ask("/healthz", headers=cookie("x"))).status == 200


# --- after somebody signed out


@pytest.mark.parametrize("path", ["/", "/api/v1/boards", "/boards/vision/x"])
@pytest.mark.parametrize(
    "auth", [basic("ada", "ada-password"), basic("ada", "wrong"), basic("nobody", "x")]
)
async def test_a_members_password_does_not_count_in_a_browser_that_somebody_left(
    gateway: SmallGateway, path: str, auth: str
) -> None:
    reply = await gateway.ask(path, auth=auth, headers={"Cookie": LEFT})
    right = await gateway.ask(path, auth=basic("ada", "ada-password"))

    assert (reply.status, right.status) == (401, 200)
    is_board = path.startswith("/boards/")
    assert reply.header("WWW-Authenticate").startswith("Basic" if is_board else "Bearer")


async def test_nothing_tells_whether_the_password_fitted_in_a_browser_that_somebody_left(
    gateway: SmallGateway,
) -> None:
    asked: list[str] = []
    verify = gateway.means.verifier.verify

    async def counting(subject: str, username: str, password: bytes, hashed: str | None) -> bool:
        asked.append(username)
        return await verify(subject, username, password, hashed)

    gateway.means.verifier.verify = counting
    replies = [
        await gateway.ask("/", auth=basic(name, password), headers={"Cookie": LEFT})
        for name, password in (("ada", "ada-password"), ("ada", "wrong"), ("nobody", "wrong"))
    ]

    assert asked == ["ada", "ada", "nobody"]
    bodies = {reply.body.partition(b"(request")[0] for reply in replies}
    assert len(bodies) == 1
    assert len({reply.header("WWW-Authenticate") for reply in replies}) == 1


async def test_a_boards_own_password_still_counts_there(gateway: SmallGateway) -> None:
    auth = basic("vision-user", "vision-password")

    reply = await gateway.ask("/boards/vision/x", auth=auth, headers={"Cookie": LEFT})

    assert reply.status == 200


async def test_tokens_and_sessions_still_count(gateway: SmallGateway) -> None:
    token = await gateway.ask("/", auth=f"Bearer {gateway.tokens['ada']}", headers={"Cookie": LEFT})
    secret = gateway.house.add_session("ada")
    session = await gateway.ask("/", headers={"Cookie": f"{LEFT}; {NAME}={secret}"})

    assert (token.status, session.status) == (200, 200)


# --- between boards and cookies


async def test_boards_neither_see_nor_set_cookies(gateway: SmallGateway) -> None:
    board = gateway.fake("vision")
    planted = f"{NAME}=planted; Path=/".encode()
    board.answer = says(
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: " + planted + b"\r\n\r\n"
    )

    reply = await gateway.ask("/boards/vision/x", headers=cookie(gateway.house.add_session("ada")))

    assert reply.status == 200
    assert reply.header("Set-Cookie") is None
    (request,) = board.requests
    assert b"cookie" not in request.lower()
