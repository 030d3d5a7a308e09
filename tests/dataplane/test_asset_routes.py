"""What everybody may fetch, and keep for ever."""

import gzip

import brotli
import pytest
from raw_http import Reply, until
from small_gateway import SmallGateway, StartGateway
from structlog.testing import capture_logs

from tbgateway.webassets import Library, read_installed, rewrite

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def library() -> Library:
    made = Library(rewrite(read_installed()))
    worker = made.files["chart_worker.js"]
    worker.add_brotli(brotli.compress(worker.unpacked(), quality=9))
    return made


@pytest.fixture
async def gateway(start_gateway: StartGateway, library: Library) -> SmallGateway:
    return await start_gateway(library=library)


def path(library: Library, file: str) -> str:
    return f"/assets/{library.fingerprint}/{file}"


def unpacked(reply: Reply) -> bytes:
    match reply.header("Content-Encoding"):
        case "gzip":
            return gzip.decompress(reply.body)
        case "br":
            return brotli.decompress(reply.body)
        case None:
            return reply.body
        case other:
            raise AssertionError(other)


async def test_every_file_is_there_for_everybody_and_for_ever(
    gateway: SmallGateway, library: Library
) -> None:
    for name, asset in library.files.items():
        reply = await gateway.ask(path(library, name), headers={"Accept-Encoding": "gzip, br"})

        assert reply.status == 200, name
        assert reply.header("Cache-Control") == FOR_EVER
        assert reply.header("Content-Type") == asset.content_type
        assert reply.header("Vary") == "Accept-Encoding"
        assert reply.header("X-Content-Type-Options") == "nosniff"
        assert reply.header("Cross-Origin-Opener-Policy") == "same-origin"
        assert unpacked(reply) == asset.unpacked()


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        (None, None),
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("br;q=0.1, gzip", "gzip"),
        ("*;q=0", None),
    ],
)
async def test_the_encoding_is_what_the_client_asks_for(
    gateway: SmallGateway, library: Library, accepted: str | None, encoding: str | None
) -> None:
    headers = {} if accepted is None else {"Accept-Encoding": accepted}
    reply = await gateway.ask(path(library, "chart_worker.js"), headers=headers)

    assert reply.header("Content-Encoding") == encoding
    assert unpacked(reply) == library.files["chart_worker.js"].unpacked()


async def test_two_lines_of_accepted_encodings_are_one_list(
    gateway: SmallGateway, library: Library
) -> None:
    reply = await gateway.raw(
        f"GET {path(library, 'chart_worker.js')} HTTP/1.1\r\nHost: gateway.test\r\n"
        "Accept-Encoding: gzip;q=0.5\r\nAccept-Encoding: br\r\n\r\n".encode()
    )

    assert reply is not None
    assert reply.header("Content-Encoding") == "br"


async def test_each_encoding_has_a_strong_tag_of_its_own(
    gateway: SmallGateway, library: Library
) -> None:
    tags = [
        (
            await gateway.ask(
                path(library, "chart_worker.js"), headers={"Accept-Encoding": encoding}
            )
        ).header("ETag")
        for encoding in ("br", "gzip", "identity")
    ]

    assert len(set(tags)) == 3
    assert all(tag is not None and tag.startswith('"') for tag in tags)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_the_client_has_is_not_sent_again(
    gateway: SmallGateway, library: Library, method: str
) -> None:
    asset, target = library.files["chart_worker.js"], path(library, "chart_worker.js")
    for known in ("br", "gzip"):
        headers = {"Accept-Encoding": "gzip, br", "If-None-Match": f'"x", "{asset.etag(known)}"'}
        reply = await gateway.ask(target, method=method, headers=headers)

        assert (reply.status, reply.body) == (304, b"")
        assert reply.header("ETag") == f'"{asset.etag(known)}"'
        assert reply.header("Vary") == "Accept-Encoding"
        assert reply.header("Cache-Control") == FOR_EVER

    headers = {"Accept-Encoding": "gzip", "If-None-Match": f'"{asset.etag("br")}"'}
    assert (await gateway.ask(target, method=method, headers=headers)).status == 200


async def test_head_says_what_get_would(gateway: SmallGateway, library: Library) -> None:
    for name in ("index.js", "auto_reload.js", "font-roboto/LICENSE"):
        replies = [
            await gateway.ask(
                path(library, name), method=method, headers={"Accept-Encoding": "gzip"}
            )
            for method in ("GET", "HEAD")
        ]
        get, head = (
            {k: v for k, v in r.headers if k not in {"Date", "X-Request-ID"}} for r in replies
        )

        assert get == head
        assert head["Content-Length"] == str(len(replies[0].body))
        assert replies[1].body == b""


@pytest.mark.parametrize(
    "target",
    [
        "/assets/{0}/index.html",
        "/assets/{0}/projector/projector_binary.html",
        "/assets/{0}/none.js",
        "/assets/{0}/",
        "/assets/{0}/index.js/",
        "/assets/{0}/%69ndex.js",
        "/assets/0123456789abcdef0123/index.js",
        "/assets/index.js",
        "/assets/",
    ],
)
async def test_anything_else_is_not_there(
    gateway: SmallGateway, library: Library, target: str
) -> None:
    accept = {"Accept": "application/json"}
    reply = await gateway.ask(target.format(library.fingerprint), headers=accept)

    assert reply.status == 404
    assert reply.header("Cache-Control") == "no-store"
    assert reply.json()["status"] == 404


async def test_nothing_can_be_written_there(gateway: SmallGateway, library: Library) -> None:
    reply = await gateway.ask(path(library, "index.js"), method="POST", body=b"x")

    assert reply.status == 405


async def test_a_reader_that_leaves_in_the_middle_is_no_fault(
    gateway: SmallGateway, library: Library
) -> None:
    with capture_logs() as logs:
        reader, writer = await gateway.connect()
        head = f"GET {path(library, 'index.js')} HTTP/1.1\r\nHost: gateway.test\r\n\r\n"
        writer.write(head.encode())
        await reader.readexactly(1000)
        writer.transport.abort()
        await until(lambda: any(entry.get("status") == 499 for entry in logs))

    assert "internal error" not in {entry["event"] for entry in logs}
    assert (await gateway.ask(path(library, "auto_reload.js"))).status == 200
