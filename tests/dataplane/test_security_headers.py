"""What every answer of the gateway itself carries, and what every answer of a board."""

from typing import Any

import pytest
from aiohttp import web
from raw_board import says
from raw_http import Reply, read_reply
from small_gateway import SmallGateway, StartGateway
from small_house import basic
from structlog.testing import capture_logs

from tbgateway.dataplane.origins import Origins
from tbgateway.dataplane.pipeline import STEPS
from tbgateway.dataplane.security_headers import secure, secure_responses

POLICY = "Content-Security-Policy"
KEYWORDS = {"'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}
VISITOR = basic("vision-user", "vision-password")
LOGIN = VISITOR.encode()

EVERYWHERE = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Server": "tbgateway",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /fail HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /fail-late HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /boards/vision/ HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /api/v1/boards HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /boards/vision HTTP/1.1\r\nHost: h\r\nAuthorization: " + LOGIN + b"\r\n\r\n",
        b"PUT /boards/vision/ HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /boards/vision/ HTTP/1.1\r\nHost: evil.test\r\n\r\n",
        b"GET /%2e%2e/ HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_every_answer_of_our_own_is_careful(gateway: SmallGateway, raw: bytes) -> None:
    reader, writer = await gateway.connect()
    writer.write(raw)
    reply = await read_reply(reader, head=True)
    writer.close()

    for name, value in EVERYWHERE.items():
        assert reply.header(name) == value, name
    policy = reply.header("Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    assert "; require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert reply.header("X-Request-ID")


def test_what_a_handler_says_itself_stays() -> None:
    response = web.Response(headers={"Cache-Control": "public, immutable"})

    secure(response)

    assert response.headers["Cache-Control"] == "public, immutable"
    assert response.headers["X-Frame-Options"] == "DENY"


async def test_a_board_speaks_for_itself_and_we_limit_what_it_says(gateway: SmallGateway) -> None:
    reply = await gateway.ask("/boards/vision/", auth=VISITOR)

    theirs, ours = (value for name, value in reply.headers if name == POLICY)
    assert theirs == "default-src 'self' tensorboard"
    assert ours.startswith("default-src http://gateway.test/boards/vision/ ")
    assert reply.header("X-Frame-Options") == "SAMEORIGIN"
    assert reply.header("Cross-Origin-Opener-Policy") is None
    assert reply.header("Cross-Origin-Resource-Policy") == "same-origin"
    assert reply.header("Referrer-Policy") == "same-origin"
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert reply.header("Server") == "tbgateway"


@pytest.mark.parametrize("status", [200, 304, 404, 500])
@pytest.mark.parametrize("target", ["/boards/vision/", "/boards/vision/data/x?y=1"])
async def test_every_answer_of_a_board_is_limited(
    gateway: SmallGateway, status: int, target: str
) -> None:
    head = f"HTTP/1.1 {status} X\r\nReferrer-Policy: unsafe-url\r\nContent-Length: 0\r\n\r\n"
    gateway.fake("vision").answer = says(head.encode())

    reply = await gateway.ask(target, auth=VISITOR)

    assert reply.status == status
    policy = directives(reply)
    assert set(policy) == {
        *("default-src", "style-src", "frame-src", "base-uri", "form-action"),
        *("object-src", "frame-ancestors", "sandbox"),
    }
    for name, sources in policy.items():
        assert not {"'self'", "*", "http:", "https:"} & sources or name == "frame-ancestors"
    assert "allow-popups" not in policy["sandbox"]
    assert reply.header("Referrer-Policy") == "same-origin"


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
async def test_data_may_do_nothing_at_all(gateway: SmallGateway, kind: str) -> None:
    head = f"HTTP/1.1 200 X\r\nContent-Type: {kind}\r\nContent-Length: 2\r\n\r\n[]"
    gateway.fake("vision").answer = says(head.encode())

    reply = await gateway.ask("/boards/vision/data/runs", auth=VISITOR)

    policy = directives(reply)
    assert policy["default-src"] == {"'none'"}
    assert policy["sandbox"] == set()
    assert policy["frame-ancestors"] == {"'self'"}
    assert reply.header("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Type: text/html",
        "Content-Type: application/json, text/html",
        "Content-Type: application/json\r\nContent-Type: text/html",
        "Content-Type: application/json-seq",
        "Content-Type: image/svg+xml",
        "X-Type: application/json",
    ],
)
async def test_what_may_be_more_than_data_is_limited_like_a_page(
    gateway: SmallGateway, lines: str
) -> None:
    head = f"HTTP/1.1 200 X\r\n{lines}\r\nContent-Length: 2\r\n\r\n[]"
    gateway.fake("vision").answer = says(head.encode())

    reply = await gateway.ask("/boards/vision/data/runs", auth=VISITOR)

    assert "allow-scripts" in directives(reply)["sandbox"]


async def test_without_its_step_a_board_is_not_limited(start_gateway: StartGateway) -> None:
    steps = tuple(step for step in STEPS if step is not secure_responses)
    gateway = await start_gateway(steps=steps)

    reply = await gateway.ask("/boards/vision/", auth=VISITOR)

    assert reply.header(POLICY) == "default-src 'self' tensorboard"


PUBLIC = {"public_url": "https://example.org:8443/team/tb"}
TRUSTED = {"trusted_proxies": ["127.0.0.1"]}


@pytest.mark.parametrize(
    ("origins", "target", "headers", "sources"),
    [
        ({}, "/boards/vision/", {}, {"http://gateway.test/boards/vision/"}),
        ({}, "/boards/vi%73ion/x", {}, {"http://gateway.test/boards/vision/"}),
        (
            PUBLIC,
            "/team/tb/boards/vision/",
            {},
            {
                "https://example.org:8443/team/tb/boards/vision/",
                "http://gateway.test/team/tb/boards/vision/",
            },
        ),
        (
            PUBLIC,
            "/boards/vision/",
            {},
            {
                "https://example.org:8443/team/tb/boards/vision/",
                "http://gateway.test/boards/vision/",
            },
        ),
        (
            TRUSTED,
            "/boards/vision/",
            {
                "X-Forwarded-Proto": "https",
                "X-Forwarded-Host": "example.org",
                "X-Forwarded-Prefix": "/tb",
            },
            {"https://example.org/tb/boards/vision/", "http://gateway.test/boards/vision/"},
        ),
    ],
)
async def test_a_board_is_limited_to_where_its_visitor_found_it(
    start_gateway: StartGateway,
    origins: dict[str, Any],
    target: str,
    headers: dict[str, str],
    sources: set[str],
) -> None:
    gateway = await start_gateway(origins=Origins(**origins))

    policy = directives(await gateway.ask(target, auth=VISITOR, headers=headers))

    assert policy["base-uri"] == policy["form-action"] == sources
    assert policy["default-src"] - KEYWORDS == sources | {
        source.replace("boards/vision", "assets") for source in sources
    }


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("127.0.0.1:8300", "http://127.0.0.1:8300/boards/vision/"),
        ("GATEWAY.test:80", "http://gateway.test:80/boards/vision/"),
        ("[::1]:8300", "'self'"),
    ],
)
async def test_a_host_stands_in_the_policy_only_if_one_can_name_it(
    gateway: SmallGateway, host: str, source: str
) -> None:
    raw = f"GET /boards/vision/ HTTP/1.1\r\nHost: {host}\r\nAuthorization: {VISITOR}\r\n\r\n"

    reply = await gateway.raw(raw.encode())

    assert reply is not None
    assert directives(reply)["form-action"] == {source}


async def test_that_boards_are_not_kept_apart_is_told_once_per_host(gateway: SmallGateway) -> None:
    with capture_logs() as logs:
        for host in ("[::2]:81", "[::2]:81", "[::3]", "gateway.test"):
            for board in ("vision", "open"):
                head = f"GET /boards/{board}/ HTTP/1.1\r\nHost: {host}\r\n"
                await gateway.raw(f"{head}Authorization: {VISITOR}\r\n\r\n".encode())

    told = [(one["log_level"], one["host"]) for one in logs if "not kept apart" in one["event"]]
    assert told == [("warning", "[::2]:81"), ("warning", "[::3]")]


async def test_no_host_writes_a_directive(start_gateway: StartGateway) -> None:
    for name in ("gateway.test;sandbox", "gateway.test 'self'", "*.test", "gateway.test/x"):
        gateway = await start_gateway(names=(name,))
        raw = f"GET /boards/vision/ HTTP/1.1\r\nHost: {name}\r\nAuthorization: {VISITOR}\r\n\r\n"
        reply = await gateway.raw(raw.encode())
        assert reply is not None
        assert reply.status == 400


@pytest.mark.parametrize(
    ("origins", "target", "sources"),
    [
        ({}, "/", {"http://gateway.test/ui/static/"}),
        (
            PUBLIC,
            "/team/tb/",
            {
                "https://example.org:8443/team/tb/ui/static/",
                "http://gateway.test/team/tb/ui/static/",
            },
        ),
    ],
)
async def test_our_own_pages_run_the_products_own_files_only(
    start_gateway: StartGateway, origins: dict[str, Any], target: str, sources: set[str]
) -> None:
    gateway = await start_gateway(origins=Origins(**origins))

    policy = directives(await gateway.ask(target))

    assert policy["script-src"] == policy["worker-src"] == policy["style-src"] == sources
    assert policy["default-src"] == {"'none'"}
    assert policy["connect-src"] == {"'self'"}
    assert policy["require-trusted-types-for"] == {"'script'"}


async def test_by_an_address_that_no_policy_can_name_our_pages_still_work(
    gateway: SmallGateway,
) -> None:
    reply = await gateway.raw(b"GET / HTTP/1.1\r\nHost: [::1]:8300\r\n\r\n")

    assert reply is not None
    assert directives(reply)["script-src"] == {"'self'"}


def directives(reply: Reply) -> dict[str, set[str]]:
    """Return the last policy: each directive with its sources."""
    *_, policy = (value for name, value in reply.headers if name == POLICY)
    parts = [directive.split() for directive in policy.split(";")]
    assert len({name for name, *_ in parts}) == len(parts)
    return {name: set(sources) for name, *sources in parts}
