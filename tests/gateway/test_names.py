"""By which names a gateway is known."""

import socket
import time

import pytest

from tbgateway.gateway import names
from tbgateway.gateway.names import known_names, machine_names
from tbgateway.settings import Server


async def test_a_machine_knows_its_own_name() -> None:
    assert socket.gethostname() in await machine_names()


async def test_a_resolver_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names, "_PATIENCE", 0.01)
    monkeypatch.setattr(socket, "getfqdn", lambda: time.sleep(0.2) or "late.example.org")

    assert await machine_names() == {socket.gethostname()}


def test_what_is_set_comes_beside_what_follows() -> None:
    server = Server(public_url="https://TB.example.org:8443/x", allowed_hosts=("other.test",))

    assert known_names(server, frozenset({"box"})) == {"tb.example.org", "other.test", "box"}
    assert known_names(Server(), frozenset()) == frozenset()


def test_an_address_may_be_the_public_one() -> None:
    assert known_names(Server(public_url="http://[::1]:8300"), frozenset()) == {"::1"}
