"""What a board's visitor gets from the gateway itself, whether or not its TensorBoard runs."""

import asyncio
import gzip
import re
from urllib.parse import urljoin

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic
from tensorboard.backend import http_util
from werkzeug import wrappers
from werkzeug.test import EnvironBuilder

from tbgateway.domain.errors import (
    BoardFailedError,
    BoardPausedError,
    NotFoundError,
    TbgatewayError,
    TimedOutError,
)
from tbgateway.upstream import Upstream
from tbgateway.webassets import Library, read_installed, rewrite

AUTH = basic("vision-user", "vision-password")
PREFIXES = ("", "/team/tb")
EXPERIMENTS = ("", "experiment/some/")
PLUGIN = "data/plugin/projector/"
PAGES = ("", "index.html", f"{PLUGIN}projector_binary.html")
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(rewrite(read_installed()))


@pytest.fixture
async def gateway(start_gateway: StartGateway, library: Library) -> SmallGateway:
    started = await start_gateway(library=library)

    async def never(_board_id: object) -> Upstream:
        await asyncio.Event().wait()
        raise AssertionError

    started.offer = never  # a board that does not get ready: what waits for it fails the test
    return started


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize("page", PAGES)
async def test_a_page_does_not_wait_for_the_board_but_wakes_it(
    gateway: SmallGateway, experiment: str, page: str
) -> None:
    reply = await gateway.ask(f"/boards/vision/{experiment}{page}", auth=AUTH)

    assert reply.status == 200
    assert reply.header("Content-Type") == "text/html; charset=utf-8"
    board = gateway.house.boards["vision"].id
    assert gateway.woken == gateway.visits == [board]
    assert gateway.fake("vision").requests == []


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize("page", PAGES)
async def test_every_link_of_a_page_leads_to_a_file_that_is_there(
    gateway: SmallGateway, library: Library, prefix: str, experiment: str, page: str
) -> None:
    target = f"/boards/vision/{experiment}{page}"
    reply = await gateway.ask(target, auth=AUTH, headers=GZIP)
    links = set(re.findall(rb"(?:src=\"|url\()((?!data:)[^\")]*)", gzip.decompress(reply.body)))

    assert len(links) > 60
    for link in links:
        url = urljoin(f"https://example.org{prefix}{target}", link.decode())
        file = url.removeprefix(f"https://example.org{prefix}/assets/{library.fingerprint}/")
        assert file in library.files


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_carries_tensorboards_own_policy(gateway: SmallGateway, page: str) -> None:
    @wrappers.Request.application
    def stock(request: wrappers.Request) -> wrappers.Response:
        answer: wrappers.Response = http_util.Respond(request, "", "text/html")
        return answer

    expected = dict(wrappers.Response.from_app(stock, EnvironBuilder().get_environ()).headers)
    reply = await gateway.ask(f"/boards/vision/{page}", auth=AUTH)

    policies = [value for name, value in reply.headers if name == "Content-Security-Policy"]
    assert policies[0] == expected["Content-Security-Policy"]
    assert any("/boards/vision/" in policy for policy in policies[1:])  # it is a board's answer
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert reply.header("X-Frame-Options") == "SAMEORIGIN"


@pytest.mark.parametrize("page", [*PAGES, "icon_bundle.svg", f"{PLUGIN}index.js"])
async def test_what_has_not_changed_is_not_sent_again(gateway: SmallGateway, page: str) -> None:
    first = await gateway.ask(f"/boards/vision/{page}", auth=AUTH, headers=GZIP)
    headers = {**GZIP, "If-None-Match": first.header("ETag") or ""}
    again = await gateway.ask(f"/boards/vision/{page}", auth=AUTH, headers=headers)

    assert first.status == 200
    assert first.header("Cache-Control") == "no-cache"
    assert (again.status, again.body) == (304, b"")
    assert len(gateway.woken) == 2  # somebody looks, whether or not there is something to send


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("chart_worker.js?_file_hash=60042af3", "chart_worker.js"),
        ("index.js?_file_hash=528dec0c", "index.js"),
        ("font-roboto/LICENSE", "font-roboto/LICENSE"),
        (f"{PLUGIN}projector_binary.js", "projector/projector_binary.js"),
    ],
)
async def test_shared_files_are_found_by_a_relative_redirect(
    gateway: SmallGateway, library: Library, prefix: str, experiment: str, path: str, file: str
) -> None:
    target = f"/boards/vision/{experiment}{path}"
    reply = await gateway.ask(target, auth=AUTH)

    assert reply.status == 307
    location = urljoin(f"https://example.org{prefix}{target}", reply.header("Location"))
    assert location == f"https://example.org{prefix}/assets/{library.fingerprint}/{file}"
    assert (await gateway.ask(location.removeprefix(f"https://example.org{prefix}"))).status == 200


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize("old", ["audio", "events", "graphs", "histograms", "images"])
async def test_old_addresses_lead_to_the_page(
    gateway: SmallGateway, experiment: str, old: str
) -> None:
    base = f"https://example.org/team/tb/boards/vision/{experiment}"
    reply = await gateway.ask(f"/boards/vision/{experiment}{old}?darkMode=true", auth=AUTH)

    assert reply.status == 307
    assert urljoin(base + old, reply.header("Location")) == f"{base}?darkMode=true"


@pytest.mark.parametrize(
    "path", [*PAGES, "index.js", "chart_worker.js", "icon_bundle.svg", "audio"]
)
async def test_nothing_of_a_board_is_there_without_its_password(
    gateway: SmallGateway, path: str
) -> None:
    other = basic("audio-user", "audio-password")
    for auth in (None, basic("vision-user", "wrong"), other):
        assert (await gateway.ask(f"/boards/vision/{path}", auth=auth)).status == 401

    assert gateway.woken == gateway.visits == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BoardFailedError("it keeps dying"), 503),
        (BoardPausedError("somebody stopped it"), 503),
        (NotFoundError("it was deleted"), 404),
    ],
)
@pytest.mark.parametrize("page", PAGES)
async def test_a_board_that_cannot_come_up_is_explained(
    gateway: SmallGateway, error: TbgatewayError, status: int, page: str
) -> None:
    gateway.spoil[gateway.house.boards["vision"].id] = error
    reply = await gateway.ask(f"/boards/vision/{page}", auth=AUTH, headers={"Accept": "text/html"})

    assert reply.status == status
    assert error.detail.encode() in reply.body
    assert b"tb-webapp" not in reply.body
    assert reply.header("Cache-Control") == "no-store"


async def test_data_waits_for_the_board_and_gets_its_errors(gateway: SmallGateway) -> None:
    gateway.offer = None
    assert (await gateway.ask("/boards/vision/data/runs", auth=AUTH)).status == 200
    gateway.spoil[gateway.house.boards["vision"].id] = TimedOutError("not ready")
    assert (await gateway.ask("/boards/vision/data/runs", auth=AUTH)).status == 503

    assert gateway.woken == []
    assert len(gateway.visits) == 2  # an open page that asks is a visit


async def test_an_old_name_leads_to_the_new_one_before_anything_is_sent(
    gateway: SmallGateway,
) -> None:
    gateway.house.old_names["eyes"] = gateway.house.boards["vision"].id
    for path in ("", "chart_worker.js", "icon_bundle.svg"):
        reply = await gateway.ask(f"/boards/eyes/{path}", auth=AUTH)

        assert (reply.status, reply.header("Location")) == (307, f"../vision/{path}")
    assert gateway.woken == []


async def test_pages_are_only_read(gateway: SmallGateway) -> None:
    reply = await gateway.ask("/boards/vision/", method="POST", auth=AUTH, body=b"")

    assert (reply.status, reply.header("Allow")) == (405, "GET, HEAD")


async def test_head_is_answered_like_get(gateway: SmallGateway) -> None:
    get = await gateway.ask("/boards/vision/", auth=AUTH, headers=GZIP)
    head = await gateway.ask("/boards/vision/", method="HEAD", auth=AUTH, headers=GZIP)

    assert head.header("Content-Length") == str(len(get.body))
    assert head.header("ETag") == get.header("ETag")


async def test_a_tensorboard_that_cannot_be_shared_serves_all_by_itself(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(library=None)
    for path in (*PAGES, "index.js", "chart_worker.js", "icon_bundle.svg", "audio"):
        await gateway.ask(f"/boards/vision/{path}", auth=AUTH)

    paths = [*PAGES, "index.js", "chart_worker.js", "icon_bundle.svg", "audio"]
    assert gateway.fake("vision").targets == [f"/{path}" for path in paths]
    assert gateway.woken == []
    assert (await gateway.ask("/assets/x/index.js")).status == 404
