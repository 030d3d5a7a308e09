from typing import Any
from urllib.parse import urljoin

import pytest

from tbgateway.controlplane.web.routes import web_routes
from tbgateway.routes import Who

PUBLIC = {
    "/boards", "/boards/", "/ui/static/{file}", "/favicon.ico", "/favicon.svg", "/robots.txt",
    "/ui/sign-in", "/ui/sign-out",
}  # fmt: skip


def test_strangers_get_nothing_that_holds_data(house: Any) -> None:
    routes = web_routes(house.means)

    assert {route.pattern for route in routes if route.who is Who.ANYONE} == PUBLIC
    changes = [one for one in routes if one.who is Who.VIEWERS and one.method != "GET"]
    assert all(one.pattern.startswith("/ui/account/") for one in changes), "viewers only look"


@pytest.mark.parametrize("path", ["/boards", "/boards/"])
@pytest.mark.parametrize("prefix", ["", "/team/tb"])
async def test_the_directory_of_boards_leads_home_under_every_prefix(
    ask: Any, path: str, prefix: str
) -> None:
    response = await ask(path)

    assert response.status == 308
    assert urljoin(f"https://host{prefix}{path}", response.headers["Location"]) == (
        f"https://host{prefix}/"
    )
