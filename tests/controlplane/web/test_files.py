from typing import Any

import pytest

from tbgateway.domain.errors import NotFoundError
from tbgateway.rendering.static_files import STATIC_FILES

CSS = STATIC_FILES["gateway.css"]


@pytest.mark.parametrize("name", STATIC_FILES)
async def test_every_file_is_sent_as_what_it_is(ask: Any, name: str) -> None:
    response = await ask(f"/ui/static/{name}")

    assert response.status == 200
    assert response.body == STATIC_FILES[name].content
    assert response.headers["Content-Type"] == STATIC_FILES[name].content_type


async def test_an_address_with_the_contents_fingerprint_is_kept_for_ever(ask: Any) -> None:
    named = await ask("/ui/static/gateway.css", query=f"v={CSS.fingerprint}")
    other = await ask("/ui/static/gateway.css", query="v=of-another-version")

    assert "immutable" in named.headers["Cache-Control"]
    assert other.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("known", "status"),
    [
        (CSS.etag, 304),
        (f'"other", W/{CSS.etag}', 304),
        ("*", 304),
        ('"other"', 200),
    ],
)
async def test_what_the_browser_has_is_not_sent_again(ask: Any, known: str, status: int) -> None:
    response = await ask("/ui/static/gateway.css", headers={"If-None-Match": known})

    assert response.status == status
    assert response.headers["ETag"] == CSS.etag
    assert bool(response.body) == (status == 200)


@pytest.mark.parametrize("name", ["nothing.css", "%2e%2e", "..%2Fpages.py", "gateway.css%00"])
async def test_no_name_leads_to_another_file(ask: Any, name: str) -> None:
    with pytest.raises(NotFoundError):
        await ask(f"/ui/static/{name}")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/favicon.ico", "image/x-icon"), ("/favicon.svg", "image/svg+xml")],
)
async def test_browsers_find_the_icon_where_they_look(
    ask: Any, path: str, content_type: str
) -> None:
    response = await ask(path)

    assert (response.status, response.content_type) == (200, content_type)


async def test_search_engines_are_asked_to_stay_away(ask: Any) -> None:
    assert (await ask("/robots.txt")).text == "User-agent: *\nDisallow: /\n"
