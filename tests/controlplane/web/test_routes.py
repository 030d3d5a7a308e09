from typing import Any
from urllib.parse import urljoin

import pytest

from tbgateway.controlplane.web.routes import web_routes
from tbgateway.routes import Who


def test_only_members_see_the_list_and_the_rest_holds_no_data(house: Any) -> None:
    who = {route.pattern: route.who for route in web_routes(house.home)}

    assert who.pop("/") is Who.VIEWERS
    assert set(who.values()) == {Who.ANYONE}
    assert all(route.method == "GET" for route in web_routes(house.home))


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
