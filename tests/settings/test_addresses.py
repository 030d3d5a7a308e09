from pathlib import Path

import pytest

from tbgateway.settings.addresses import (
    Address,
    InheritedSocket,
    TcpAddress,
    UnixAddress,
    parse_address,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8300", TcpAddress("127.0.0.1", 8300)),
        ("localhost:0", TcpAddress("localhost", 0)),
        ("[::1]:8300", TcpAddress("::1", 8300)),
        ("unix:/run/tb.sock", UnixAddress(Path("/run/tb.sock"))),
        ("unix:relative:with-colon", UnixAddress(Path("relative:with-colon"))),
        ("fd:3", InheritedSocket(3)),
    ],
)
def test_each_form_is_understood(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8300",
        ":8300",
        "::1:8300",
        "[::g]:8300",
        "[1.2.3.4]:80",
        "host:65536",
        "host:-1",
        "host:",
        "a b:80",
        "http://host:80",
        "unix:",
        "unix:/a\0b",
        "unix:/" + "x" * 107,
        "fd:",
        "fd:2",
        "fd:x",
        "fd:³",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_address(text)
