from pathlib import Path

import pytest

from tbgateway.client.addresses import Address, NetworkAddress, SocketAddress, parse_address
from tbgateway.domain.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://localhost:8300", NetworkAddress(False, "localhost", 8300)),  # noqa: FBT003 - the record's order
        ("https://host/team/tb/", NetworkAddress(True, "host", 443, "/team/tb")),  # noqa: FBT003 - the same
        ("http://[::1]:80", NetworkAddress(False, "::1", 80)),  # noqa: FBT003 - the same
        ("unix:/run/tbgateway/control", SocketAddress(Path("/run/tbgateway/control"))),
        ("unix:///run/x", SocketAddress(Path("/run/x"))),
    ],
)
def test_an_address_is_read_and_written_again(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:8300",
        "ftp://host",
        "http://",
        "http://host:port",
        "http://host:99999",
        "http://host/?a=b",
        "http://host/#x",
        "http://[::1",
        "unix:relative",
        "http://ada@host",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a gateway's address") as refused:
        parse_address(text)
    assert "http://HOST" in refused.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "https://ada:s3cret@host/",
        "http://ada:s3cret@host:83x",
        "http://tbg_s3cret@host",
        "http://ada:s3cret/x@host",
        "ada:s3cret@host",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInputError, match="user names and passwords") as refused:
        parse_address(text)
    assert "s3cret" not in f"{refused.value} {refused.value.__cause__}"
