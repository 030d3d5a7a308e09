import json
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from scripted_server import Script, over_tcp

from tbgateway.client.addresses import Address, NetworkAddress, SocketAddress
from tbgateway.client.transport import Request, Transport
from tbgateway.domain.errors import InvalidInputError, TimedOutError, UnreachableError


def test_a_request_says_what_it_wants(address: Address, script: Script) -> None:
    answer = Transport(address, "tbg_a_b").send(
        Request("POST", "/boards", query={"name": "a/b c"}, body={"x": "é"}, wait=3.0)
    )
    method, path, headers, body = script.asked[0]
    assert (answer.status, answer.body) == (200, b"{}")
    assert (method, path) == ("POST", "/api/v1/boards?name=a%2Fb+c")
    assert json.loads(body) == {"x": "é"}
    assert headers["authorization"] == "Bearer tbg_a_b"
    assert headers["content-type"] == "application/json"
    assert headers["prefer"] == "wait=3"


def test_without_a_token_and_a_body_nothing_is_said_about_them(
    address: Address, script: Script
) -> None:
    Transport(address).send(Request("GET", "/boards"))
    assert not {"authorization", "content-type", "prefer"} & set(script.asked[0][2])


def test_the_path_prefix_of_an_address_goes_first(address: Address, script: Script) -> None:
    prefix = "/team/tb" if isinstance(address, NetworkAddress) else ""
    there = replace(address, prefix=prefix) if prefix else address
    Transport(there).send(Request("GET", "/boards"))
    assert script.asked[0][1] == f"{prefix}/api/v1/boards"


@pytest.mark.parametrize("token", ["tbg_s3cret\n", "tbg_s3cret\u2026"])
def test_a_token_that_cannot_be_sent_is_told_and_not_repeated(
    address: Address, script: Script, token: str
) -> None:
    transport = Transport(address, token)
    with pytest.raises(InvalidInputError, match="cannot be sent") as refused:
        transport.send(Request("GET", "/boards"))
    with (
        pytest.raises(InvalidInputError, match="cannot be sent"),
        transport.stream(Request("GET", "/events"), {}, silence=60),
    ):
        pass
    assert "s3cret" not in f"{refused.value} {refused.value.__cause__}"
    assert not script.asked


def test_redirects_are_not_followed(address: Address, script: Script) -> None:
    script.status, script.headers = 302, {"Location": "http://elsewhere.invalid/"}
    assert Transport(address, "tbg_a_b").send(Request("GET", "/boards")).status == 302
    assert len(script.asked) == 1


@pytest.mark.usefixtures("script")
def test_proxies_of_the_environment_are_not_used(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert Transport(address).send(Request("GET", "/boards")).status == 200


def test_an_answer_that_takes_too_long_is_a_timeout(address: Address, script: Script) -> None:
    script.go_on.clear()
    with pytest.raises(TimedOutError, match=r"within 0.2 s") as late:
        Transport(address, timeout=0.2).send(Request("GET", "/boards"))
    assert "may still happen" in late.value.hint


@pytest.mark.parametrize(
    "nobody",
    [
        NetworkAddress(secure=False, host="127.0.0.1", port=1),
        NetworkAddress(secure=False, host="nowhere.invalid", port=80),
        NetworkAddress(secure=False, host="a..b", port=80),
    ],
)
def test_where_nothing_listens_the_gateway_is_unreachable(nobody: NetworkAddress) -> None:
    with pytest.raises(UnreachableError, match="No gateway answers at") as unreachable:
        Transport(nobody).send(Request("GET", "/boards"))
    assert "tbgateway serve" in unreachable.value.hint


def test_where_tls_is_not_spoken_the_gateway_is_unreachable(script: Script) -> None:
    with over_tcp(script) as plain, pytest.raises(UnreachableError, match="No gateway answers"):
        Transport(replace(plain, secure=True)).send(Request("GET", "/boards"))


def test_a_missing_socket_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="No such file"):
        Transport(SocketAddress(tmp_path / "none")).send(Request("GET", "/boards"))


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_a_server_that_hangs_up_or_speaks_something_else_is_unreachable(
    tmp_path: Path, greeting: bytes
) -> None:
    path = tmp_path / "control"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=_greet_once, args=(listener, greeting))
        thread.start()
        with pytest.raises(UnreachableError, match="broke") as unreachable:
            Transport(SocketAddress(path)).send(Request("GET", "/boards"))
        thread.join()
    assert "Is it a tbgateway" in unreachable.value.hint


def _greet_once(listener: socket.socket, greeting: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(greeting)


def test_the_token_is_not_in_its_repr(tmp_path: Path) -> None:
    assert "tbg_a_b" not in repr(Transport(SocketAddress(tmp_path), "tbg_a_b"))
