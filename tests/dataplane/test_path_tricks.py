"""With board A's password, by whatever path: neither board B nor the API."""

import itertools

import pytest
from edge_cases.case import PASSWORD, USER
from edge_cases.edge import LULL, talk
from edge_cases.naive_proxy import naive_edge
from small_gateway import SmallGateway
from small_house import basic

UP = (
    "..",
    "%2e%2e",
    "%2E%2E",
    ".%2e",
    "%2E.",
    "%2e%2E",
    "%252e%252e",
    "%25252e%25252e",
    "..;",
    "..;x=1",
    "%2e%2e;",
    "..%00",
    "..%0a",
    "%c0%ae%c0%ae",
    "%ef%bc%8e%ef%bc%8e",
)
SLASH = ("/", "%2f", "%2F", "\\", "%5c", "//", "/./", "/%2e/", "%252f", "%255c", ";/", "/;/")
SHAPES = (
    "/boards/vision{s}{u}{s}audio/data/runs",
    "/boards/vision{s}{u}{s}{u}{s}api/v1/boards",
    "/boards/vision/data{s}{u}{s}{u}{s}audio{s}data/runs",
    "/boards/vision/{u}{s}audio/data/runs",
    "/boards/{u}{s}boards/audio/data/runs",
)
OTHERS = (
    "/boards/audio/data/runs",
    "//boards/audio/data/runs",
    "/boards//audio/data/runs",
    "/./boards/audio/data/runs",
    "/%2e/boards/audio/data/runs",
    "\\boards\\audio\\data\\runs",
    "/boards\\audio/data/runs",
    "/Boards/audio/data/runs",
    "/BOARDS/VISION/../AUDIO/data/runs",
    "/boards/AUDIO/data/runs",
    "/boards/%61udio/data/runs",
    "/boards/vision%00/../audio/data/runs",
    "/boards/vision%2faudio/data/runs",
    "/boards/vision,audio/data/runs",
    "/boards/vision;audio/data/runs",
    "/boards/vision?/../audio/data/runs",
    "/boards/vision/?/../../audio/data/runs",
    "/boards/vision#/../audio/data/runs",
    "/boards/vision/#/../../audio/data/runs",
    "/boards/*/data/runs",
    "/boards/%2a/data/runs",
    "http://gateway.test/boards/audio/data/runs",
    "http://gateway.test/boards/vision/../audio/data/runs",
    "http://vision@gateway.test/boards/audio/data/runs",
    "HTTP://GATEWAY.TEST/api/v1/boards",
    "//gateway.test/boards/audio/data/runs",
    "///gateway.test/api/v1/boards",
    "/http://gateway.test/boards/audio/data/runs",
    "/boards/vision/http://gateway.test/boards/audio/data/runs",
    "gateway.test/boards/audio/data/runs",
    "boards/audio/data/runs",
    "*",
    "/api/v1/boards",
    "/API/v1/boards",
    "/api;/v1/boards",
    "/api/v1/boards/vision/../audio/log",
    "/api/v1/boards/audio/log",
    "/api/v1/boards/vision%2f..%2faudio/log",
)
TRICKS = tuple(
    dict.fromkeys(
        [shape.format(u=u, s=s) for shape, u, s in itertools.product(SHAPES, UP, SLASH)]
        + list(OTHERS)
    )
)


def request(target: str, auth: str, method: str = "GET") -> bytes:
    return (
        f"{method} {target} HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: {auth}\r\n"
        "Connection: close\r\nContent-Length: 0\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_path_leads_to_another_board_or_the_api(
    gateway: SmallGateway, method: str
) -> None:
    auth = basic("vision-user", "vision-password")

    for target in TRICKS:
        reply = await gateway.raw(request(target, auth, method))
        assert reply is None or reply.status in {200, 307, 400, 401, 404, 405}, target

    assert len(TRICKS) > 500
    assert gateway.fake("audio").requests == []
    assert gateway.reached == []


async def test_what_reaches_a_board_is_what_was_sent(gateway: SmallGateway) -> None:
    auth = basic("vision-user", "vision-password")
    below = [target for target in TRICKS if target.startswith("/boards/vision/")]

    for target in below:
        gateway.fake("vision").requests.clear()
        await gateway.raw(request(target, auth))
        assert gateway.fake("vision").targets in ([], [target.removeprefix("/boards/vision")])


async def test_the_boards_own_paths_still_work(gateway: SmallGateway) -> None:
    auth = basic("vision-user", "vision-password")
    plain = (
        "/",
        "/data/plugin/scalars/tags?experiment=a%2Fb&x=..%2f..%5c",
        "/data/runs?next=/../../api//;x",
        "/experiment/EuE6d_id/data/runs",
        "/index.js?_file_hash=1a2b",
        "/data/plugin/images/individualImage?run=%C3%BC%20%2C&tag=a:b@c!$'()*,~=+",
        "/a%20b/c%23d",
        "/.well-known/x...y/..z",
    )

    for target in plain:
        reply = await gateway.raw(request(f"/boards/vision{target}", auth))
        assert reply.status == 200, target

    assert gateway.fake("vision").targets == list(plain)


async def test_a_naive_proxy_leaks_on_the_same_paths() -> None:
    """So the corpus bites: it is no proof that nobody could fail."""
    async with naive_edge() as naive:
        for target in TRICKS:
            await talk(naive.port, request(target, basic(USER, PASSWORD)), lull=LULL)
        leaks = [one.line for one in await naive.wire.take() if one.board != "vision"]

    assert len(set(leaks)) >= 2
    assert len(leaks) >= 5
