"""Windows that other sites open on a board."""

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic

from tbgateway.dataplane.arrivals import arrive_alone
from tbgateway.dataplane.pipeline import STEPS

VISITOR = basic("vision-user", "vision-password")


def window(site: str) -> dict[str, str]:
    return {
        "Sec-Fetch-Site": site,
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/boards/vision/", "/boards/vision/data/runs?x=1"])
async def test_who_comes_from_another_site_comes_again_without_it(
    gateway: SmallGateway, site: str, path: str
) -> None:
    reply = await gateway.ask(path, auth=VISITOR, headers=window(site))

    assert reply.status == 200
    assert reply.header("Refresh") == "0"
    assert reply.header("Cross-Origin-Opener-Policy") == "same-origin"
    assert reply.header("Cache-Control") == "no-store"
    assert "Sec-Fetch-Site" in reply.header("Vary")
    assert gateway.fake("vision").requests == []


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_who_comes_from_here_goes_on(gateway: SmallGateway, site: str) -> None:
    reply = await gateway.ask("/boards/vision/", auth=VISITOR, headers=window(site))

    assert reply.json()["board"] == "vision"


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
async def test_what_is_no_window_is_answered(
    gateway: SmallGateway, headers: dict[str, str]
) -> None:
    reply = await gateway.ask("/boards/vision/", auth=VISITOR, headers=headers)

    assert reply.json()["board"] == "vision"


async def test_who_may_not_look_learns_nothing(gateway: SmallGateway) -> None:
    reply = await gateway.ask("/boards/vision/", headers=window("cross-site"))

    assert reply.status == 401
    assert reply.header("Cross-Origin-Opener-Policy") == "same-origin"


async def test_our_own_pages_need_no_detour(gateway: SmallGateway) -> None:
    reply = await gateway.ask(
        "/", auth=basic("vera", "vera-password"), headers=window("cross-site")
    )

    assert reply.header("Refresh") is None


async def test_without_the_step_the_board_answers(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(steps=tuple(step for step in STEPS if step is not arrive_alone))

    reply = await gateway.ask("/boards/vision/", auth=VISITOR, headers=window("cross-site"))

    assert reply.json()["board"] == "vision"
