"""Redirects that stay right below any prefix, and what a visitor of a sleeping board sees."""

from urllib.parse import urljoin

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic

from tbgateway.dataplane.origins import Origins
from tbgateway.domain.errors import (
    BoardFailedError,
    BoardPausedError,
    TbgatewayError,
    TimedOutError,
)
from tbgateway.domain.model import Role, SignedIn, Visitor

PREFIXES = ("", "/team/tb", "/a")
AUTH = basic("vision-user", "vision-password")
OWNER = basic("olga", "olga-password")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("query", ["", "?darkMode=true&x=a%2Fb"])
async def test_the_slash_is_added(
    gateway: SmallGateway, prefix: str, method: str, query: str
) -> None:
    reply = await gateway.ask(f"/boards/vision{query}", method=method, auth=AUTH)

    assert reply.status == 307
    outside = f"https://example.org{prefix}/boards/vision"
    assert urljoin(outside + query, reply.header("Location")) == f"{outside}/{query}"


async def test_the_slash_is_added_only_after_the_login(gateway: SmallGateway) -> None:
    assert (await gateway.ask("/boards/vision")).status == 401
    assert (await gateway.ask("/boards/unheard-of")).status == 401


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("rest", ["/", "/index.js", "/data/plugin/scalars/tags", "/a%20b/c?x=%2F"])
async def test_an_old_name_leads_to_the_new_one(
    gateway: SmallGateway, prefix: str, rest: str
) -> None:
    gateway.house.old_names["eyes"] = gateway.house.boards["vision"].id

    for method in ("GET", "POST"):
        reply = await gateway.ask(f"/boards/eyes{rest}", method=method, auth=AUTH)

        assert reply.status == 307
        location = urljoin(
            f"https://example.org{prefix}/boards/eyes{rest}", reply.header("Location")
        )
        assert location == f"https://example.org{prefix}/boards/vision{rest}"

    assert gateway.fake("vision").requests == []


async def test_an_old_name_without_a_slash_leads_to_the_new_one(gateway: SmallGateway) -> None:
    gateway.house.old_names["eyes"] = gateway.house.boards["vision"].id

    reply = await gateway.ask("/boards/eyes?x=1", auth=AUTH)

    assert reply.header("Location") == "vision/?x=1"


async def test_below_a_public_url_the_board_is_the_same(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(origins=Origins(public_url="https://example.org/team/tb"))

    await gateway.ask("/team/tb/boards/vision/data/runs?x", auth=AUTH)

    assert gateway.fake("vision").targets == ["/data/runs?x"]


async def test_an_escaped_name_is_the_same_board(gateway: SmallGateway) -> None:
    reply = await gateway.ask("/boards/%76ision/data/runs", auth=AUTH)

    assert reply.status == 200
    assert gateway.fake("vision").targets == ["/data/runs"]


async def test_what_keeps_a_board_from_answering_is_said(gateway: SmallGateway) -> None:
    board = gateway.house.boards["vision"]
    for error, status in (
        (BoardFailedError("it keeps dying"), 503),
        (BoardPausedError("somebody stopped it"), 503),
    ):
        gateway.spoil[board.id] = error
        reply = await gateway.ask("/boards/vision/", auth=AUTH)
        assert reply.status == status
        assert error.detail.encode() in reply.body
        assert b"the last line" not in reply.body


@pytest.mark.parametrize(
    ("reader", "error", "start", "log"),
    [
        (AUTH, BoardFailedError("it keeps dying"), False, False),
        (AUTH, BoardPausedError("somebody stopped it"), False, False),
        (OWNER, BoardFailedError("it keeps dying"), True, True),
        (OWNER, BoardPausedError("somebody stopped it"), True, False),
    ],
)
async def test_who_may_start_a_board_finds_a_button_and_members_its_log(
    gateway: SmallGateway, reader: str, error: TbgatewayError, *, start: bool, log: bool
) -> None:
    gateway.spoil[gateway.house.boards["vision"].id] = error
    reply = await gateway.ask("/boards/vision/", auth=reader, headers={"Accept": "text/html"})

    assert (b'action="../../ui/boards/vision/start"' in reply.body) is start
    assert (b"the last line" in reply.body) is log
    assert b'href="../../ui/boards/vision"' in reply.body


async def test_a_log_that_cannot_be_read_hides_no_reason(gateway: SmallGateway) -> None:
    async def unreadable(_board_id: object) -> str:
        raise OSError

    gateway.spoil[gateway.house.boards["vision"].id] = BoardFailedError("it keeps dying")
    object.__setattr__(gateway.means, "log_tail", unreadable)
    reply = await gateway.ask("/boards/vision/", auth=AUTH)

    assert b"it keeps dying" in reply.body


async def test_a_board_that_starts_slowly_asks_to_wait(gateway: SmallGateway) -> None:
    gateway.spoil[gateway.house.boards["vision"].id] = TimedOutError("not ready")

    page = await gateway.ask("/boards/vision/", auth=AUTH, headers={"Accept": "text/html"})
    data = await gateway.ask("/boards/vision/data/runs", auth=AUTH)

    for reply in (page, data):
        assert reply.status == 503
        assert reply.header("Retry-After") is not None
    assert page.header("Content-Type").startswith("text/html")


async def test_who_opens_the_page_of_a_board_is_told_and_nobody_else(
    gateway: SmallGateway,
) -> None:
    board = gateway.house.boards["vision"]
    navigation = {"Sec-Fetch-Mode": "navigate"}
    await gateway.ask("/boards/vision/", auth=AUTH, headers=navigation)
    await gateway.ask("/boards/vision/?darkMode=true", auth=f"Bearer {gateway.tokens['ada']}")
    seen = [Visitor(board.id, "vision-user"), SignedIn("ada", Role.ADMIN)]
    assert gateway.looks == [("vision", identity) for identity in seen]

    await gateway.ask("/boards/vision/", auth=AUTH, headers={"Sec-Fetch-Mode": "cors"})
    await gateway.ask("/boards/vision/", auth=AUTH, method="HEAD")
    await gateway.ask("/boards/vision/", auth=AUTH, method="POST")
    await gateway.ask("/boards/vision/data/runs", auth=AUTH, headers=navigation)
    await gateway.ask("/boards/vision", auth=AUTH, headers=navigation)
    await gateway.ask("/boards/vision/", headers=navigation)
    assert len(gateway.looks) == 2
    assert len(gateway.visits) == 6


async def test_other_methods_are_refused(gateway: SmallGateway) -> None:
    reply = await gateway.ask("/boards/vision/", method="PUT", auth=AUTH)

    assert reply.status == 405
    assert reply.header("Allow") == "GET, HEAD, POST"
