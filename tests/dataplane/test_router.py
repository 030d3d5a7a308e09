from collections.abc import Iterable

import pytest
from aiohttp import web

from tbgateway.dataplane.router import Router
from tbgateway.domain.errors import BadRequestError, MethodNotAllowedError, NotFoundError
from tbgateway.routes import Exchange, Route, Who


async def nothing(_exchange: Exchange) -> web.StreamResponse:
    return web.Response()


def router(*ways: str) -> Router:
    def routes() -> Iterable[Route]:
        for way in ways:
            method, pattern = way.split(" ")
            yield Route(method, pattern, Who.ANYONE, nothing)

    return Router(routes())


ROUTER = router(
    "GET /",
    "GET /boards/{board}",
    "POST /boards/{board}",
    "GET /boards/new",
    "GET /boards/{board}/{rest*}",
    "POST /boards/{board}/{rest*}",
    "PUT /api/{kind}/{name}/x",
    "GET /api/boards/{board}",
    "GET /files/{rest*}",
)


@pytest.mark.parametrize(
    ("path", "pattern", "params"),
    [
        ("/", "/", {}),
        ("/boards/new", "/boards/new", {}),
        ("/boards/newer", "/boards/{board}", {"board": "newer"}),
        ("/boards/a", "/boards/{board}", {"board": "a"}),
        ("/boards/a/", "/boards/{board}/{rest*}", {"board": "a", "rest": ""}),
        ("/boards/a/b/c/", "/boards/{board}/{rest*}", {"board": "a", "rest": "b/c/"}),
        ("/boards/new/x", "/boards/{board}/{rest*}", {"board": "new", "rest": "x"}),
        ("/boards/%61%20b", "/boards/{board}", {"board": "a b"}),
        ("/boards/a/%61%20", "/boards/{board}/{rest*}", {"board": "a", "rest": "%61%20"}),
        ("/boards/{board}", "/boards/{board}", {"board": "{board}"}),
        ("/files/", "/files/{rest*}", {"rest": ""}),
        ("/api/boards/a", "/api/boards/{board}", {"board": "a"}),
    ],
)
def test_a_path_finds_its_route(path: str, pattern: str, params: dict[str, str]) -> None:
    match = ROUTER.match("GET", path)

    assert (match.route.pattern, match.params) == (pattern, params)


def test_a_literal_that_leads_nowhere_gives_way_to_a_parameter() -> None:
    match = ROUTER.match("PUT", "/api/boards/a/x")

    assert match.params == {"kind": "boards", "name": "a"}


@pytest.mark.parametrize(
    "path", ["/x", "/boards", "/boards/", "/Boards/a", "/files", "/api", "/api//a/x", "//", ""]
)
def test_other_paths_are_not_found(path: str) -> None:
    with pytest.raises(NotFoundError):
        ROUTER.match("GET", path)


def test_other_methods_are_told_which_ones_there_are() -> None:
    with pytest.raises(MethodNotAllowedError) as refused:
        ROUTER.match("DELETE", "/boards/a")

    assert refused.value.allow == {"GET", "HEAD", "POST"}


def test_head_is_answered_by_get() -> None:
    assert ROUTER.match("HEAD", "/").route.method == "GET"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadRequestError):
        ROUTER.match("GET", "/boards/%ff")


@pytest.mark.parametrize(
    "ways",
    [
        ("GET /a", "GET /a"),
        ("GET /{a}", "GET /{b}"),
        ("GET /{a*}", "GET /{b*}"),
        ("GET /{a*}/b",),
        ("GET a",),
    ],
)
def test_routes_that_contradict_each_other_are_refused(ways: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"two routes|malformed"):
        router(*ways)
