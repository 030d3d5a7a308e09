"""Every route, by every method, with every kind of credentials."""

import asyncio
import time
from typing import Any

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic

from tbgateway.dataplane.authentication import authenticate
from tbgateway.dataplane.authorisation import authorise
from tbgateway.dataplane.pipeline import STEPS
from tbgateway.routes import Route, Who

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
MAY = {
    Who.ANYONE: frozenset(
        {"none", "wrong", "nobody", "other board's", "expired", "board's", "vera", "olga", "ada"}
    ),
    Who.LOOKERS: frozenset({"board's", "olga", "ada"}),
    Who.VIEWERS: frozenset({"vera", "olga", "ada"}),
    Who.EDITORS: frozenset({"olga", "ada"}),
    Who.ADMINS: frozenset({"ada"}),
}
BROKEN = frozenset({"/fail", "/fail-late"})  # whoever may use them, they fail


def credentials(gateway: SmallGateway) -> dict[str, str | None]:
    expired = gateway.house.add_token("ada", expires_at=time.time() - 1)
    return {
        "none": None,
        "wrong": basic("vision-user", "wrong-password"),
        "nobody": basic("nobody", "vision-password"),
        "other board's": basic("audio-user", "audio-password"),
        "expired": f"Bearer {expired}",
        "board's": basic("vision-user", "vision-password"),
        **{name: f"Bearer {token}" for name, token in gateway.tokens.items()},
    }


def path_of(pattern: str) -> str:
    filled = pattern.replace("{board}", "vision").replace("{name}", "someone")
    return filled.replace("{rest*}", "data/runs")


async def served(gateway: SmallGateway, method: str, path: str, auth: str | None) -> bool:
    lines = [f"{method} {path} HTTP/1.1", "Host: gateway.test", "Connection: close"]
    lines += [f"Authorization: {auth}"] if auth else []
    lines += ["Content-Type: application/x-www-form-urlencoded"]  # what a form's target demands
    raw = "\r\n".join([*lines, "", ""]).encode()
    reply = await gateway.raw(raw, head=method == "HEAD")
    return reply is not None and reply.status < 400


async def violations(gateway: SmallGateway) -> list[str]:
    """Walk the matrix; return every cell that is not as MAY says."""
    found = []
    routes: dict[str, list[Route]] = {}
    for route in gateway.router.routes:
        if route.pattern in BROKEN:
            continue
        routes.setdefault(route.pattern, []).append(route)
    known = credentials(gateway)
    for pattern, ways in routes.items():
        for method in METHODS:
            way = "GET" if method == "HEAD" else method
            route = next((route for route in ways if route.method == way), None)
            for kind, auth in known.items():
                expected = route is not None and kind in MAY[route.who]
                if await served(gateway, method, path_of(pattern), auth) is not expected:
                    found.append(f"{method} {pattern} with {kind}: not {expected}")
    return found


async def test_the_matrix_is_as_the_routes_say(gateway: SmallGateway) -> None:
    assert await violations(gateway) == []


@pytest.mark.parametrize("step", [authenticate, authorise])
async def test_the_matrix_notices_a_missing_step(start_gateway: StartGateway, step: Any) -> None:
    gateway = await start_gateway(steps=tuple(other for other in STEPS if other is not step))

    assert len(await violations(gateway)) > 10
    assert gateway.fake("vision").requests == []


async def test_without_a_decision_nothing_is_dispatched(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(steps=tuple(step for step in STEPS if step is not authorise))

    assert (await gateway.ask("/healthz")).status == 403
    assert gateway.reached == []


async def test_a_browser_with_an_account_is_asked_for_the_boards_password(
    gateway: SmallGateway,
) -> None:
    """It sends what it knows for / by itself; a 403 would leave it without a way in."""
    by_browser = await gateway.ask("/boards/vision/", auth=basic("vera", "vera-password"))
    by_program = await gateway.ask("/boards/vision/", auth=f"Bearer {gateway.tokens['vera']}")

    assert by_browser.status == 401
    assert "tbgateway board vision" in by_browser.header("WWW-Authenticate")
    assert by_program.status == 403


async def test_members_learn_that_a_board_is_unknown(gateway: SmallGateway) -> None:
    reply = await gateway.ask("/boards/unheard-of/", auth=f"Bearer {gateway.tokens['vera']}")

    assert reply.status == 404


async def test_what_a_role_may_not_do_is_said(gateway: SmallGateway) -> None:
    reply = await gateway.ask(
        "/api/v1/members/x", method="PUT", auth=f"Bearer {gateway.tokens['olga']}"
    )

    assert reply.status == 403
    assert "'admin'" in reply.json()["detail"]


async def test_visits_are_told_only_for_those_let_through(gateway: SmallGateway) -> None:
    await asyncio.gather(
        gateway.ask("/boards/vision/"),
        gateway.ask("/boards/vision/", auth=basic("vision-user", "vision-password")),
    )

    assert gateway.visits == [gateway.house.boards["vision"].id]
