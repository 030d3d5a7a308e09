import pytest

from tbgateway.webassets.encodings import acceptable

ALL = ("br", "gzip", "identity")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ["identity"]),
        ("", ["identity"]),
        ("gzip, deflate, br, zstd", ["br", "gzip", "identity"]),
        ("gzip", ["gzip", "identity"]),
        ("x-gzip", ["gzip", "identity"]),
        ("GZIP;Q=1", ["gzip", "identity"]),
        ("br;q=0.5, gzip", ["gzip", "br", "identity"]),
        ("br ; q=0.5 ,gzip;q=0.50", ["br", "gzip", "identity"]),
        ("br;q=0, gzip", ["gzip", "identity"]),
        ("gzip;q=0.5, identity", ["identity", "gzip"]),
        ("gzip;q=0.001, identity;q=0", ["gzip"]),
        ("*", ["br", "gzip", "identity"]),
        ("*;q=0.1, gzip", ["gzip", "br", "identity"]),
        ("gzip, *;q=0", ["gzip"]),
        ("identity", ["identity"]),
        ("deflate", ["identity"]),
        ("deflate, identity;q=0", ["identity"]),
        ("*;q=0", ["identity"]),
        ("br;q=2, gzip;q=nonsense, gzip;q=0.1234", ["identity"]),
        ("b r, gzip=1, ;;, gzip", ["gzip", "identity"]),
    ],
)
def test_the_client_gets_what_it_likes_best(header: str | None, expected: list[str]) -> None:
    assert list(acceptable(header, ALL)) == expected


def test_only_what_is_offered_is_chosen() -> None:
    assert list(acceptable("br, gzip", ("gzip", "identity"))) == ["gzip", "identity"]
    assert list(acceptable("br;q=1, identity;q=0", ("identity",))) == ["identity"]
