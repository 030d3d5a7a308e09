"""A server that answers what a test wants."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_server import Script, over_tcp, over_unix

from tbgateway.client.addresses import Address


@pytest.fixture
def script() -> Script:
    """Return what the server at `address` answers."""
    return Script()


@pytest.fixture(params=["tcp", "unix"])
def address(request: pytest.FixtureRequest, script: Script, tmp_path: Path) -> Iterator[Address]:
    """Yield where the server is: once over TCP and once over a unix socket."""
    server = over_tcp(script) if request.param == "tcp" else over_unix(script, tmp_path / "control")
    with server as listening:
        yield listening
