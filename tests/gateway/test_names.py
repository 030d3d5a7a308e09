"""By which names a gateway is known."""

import socket
import subprocess
import sys
import time

import pytest
from structlog.testing import capture_logs

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


def test_a_resolver_that_never_answers_does_not_hold_up_the_exit() -> None:
    program = (
        "import asyncio, socket, threading\n"
        "from tbgateway.gateway import names\n"
        "names._PATIENCE = 0.01\n"
        "socket.getfqdn = threading.Event().wait\n"
        "asyncio.run(names.machine_names())\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


async def test_names_that_no_policy_can_name_are_left_out_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "ml_server")
    monkeypatch.setattr(socket, "getfqdn", lambda: "box.example.org")
    with capture_logs() as logs:
        assert await machine_names() == {"box.example.org"}

    (told,) = logs
    assert (told["log_level"], told["names"]) == ("warning", ["ml_server"])


def test_what_is_set_comes_beside_what_follows() -> None:
    server = Server(public_url="https://TB.example.org:8443/x", allowed_hosts=("other.test",))

    assert known_names(server, frozenset({"box"})) == {"tb.example.org", "other.test", "box"}
    assert known_names(Server(), frozenset()) == frozenset()


def test_an_address_may_be_the_public_one() -> None:
    assert known_names(Server(public_url="http://[::1]:8300"), frozenset()) == {"::1"}
