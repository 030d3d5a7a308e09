import gzip
import zlib

import brotli

from tbgateway.webassets import Asset

SCRIPT = b"export const answer = 42;\n" * 1000


def test_what_compresses_is_kept_as_gzip_and_unpacked_when_asked_for() -> None:
    asset = Asset("index.js", SCRIPT)

    assert list(asset.encodings) == ["gzip", "identity"]
    assert gzip.decompress(asset.body("gzip")) == SCRIPT
    assert len(asset.body("gzip")) < len(SCRIPT) / 10
    assert asset.body("identity") == asset.unpacked() == SCRIPT


def test_a_font_is_left_as_it_is() -> None:
    asset = Asset("font-roboto/a.woff2", SCRIPT)

    assert list(asset.encodings) == ["identity"]
    assert asset.content_type == "font/woff2"


def test_brotli_goes_first_once_it_is_there() -> None:
    asset = Asset("index.js", SCRIPT)
    asset.add_brotli(brotli.compress(SCRIPT))

    assert list(asset.encodings) == ["br", "gzip", "identity"]
    assert brotli.decompress(asset.body("br")) == SCRIPT


def test_brotli_that_is_no_smaller_is_not_taken() -> None:
    asset = Asset("index.js", b"x")
    asset.add_brotli(zlib.compress(b"x") * 100)

    assert list(asset.encodings) == ["gzip", "identity"]


def test_each_encoding_has_its_own_tag_and_each_content_too() -> None:
    tags = [
        Asset("index.js", content).etag(encoding)
        for content in (b"a", b"b")
        for encoding in ("br", "gzip", "identity")
    ]

    assert len(set(tags)) == 6


def test_scripts_pages_and_pictures_say_what_they_are() -> None:
    types = {name: Asset(name, b"").content_type for name in ("a.js", "a.html", "a.svg", "LICENSE")}

    assert types == {
        "a.js": "text/javascript; charset=utf-8",
        "a.html": "text/html; charset=utf-8",
        "a.svg": "image/svg+xml; charset=utf-8",
        "LICENSE": "text/plain; charset=utf-8",
    }
