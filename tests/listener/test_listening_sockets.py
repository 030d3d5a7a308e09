"""What can be listened on, and what is said otherwise."""

import fcntl
import os
import socket
import stat
from pathlib import Path

import pytest

from tbgateway.domain.errors import ConflictError, InvalidInputError
from tbgateway.listener.listening_sockets import inherited, open_listening, open_unix


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_a_free_port_is_chosen_and_told(host: str) -> None:
    opened = open_listening(f"{host}:0")
    ports = {listening.socket.getsockname()[1] for listening in opened}

    assert len(ports) == 1
    assert ports != {0}
    assert all(listening.address.endswith(f":{ports.copy().pop()}") for listening in opened)
    for listening in opened:
        listening.close()


def test_a_busy_port_is_a_conflict_that_says_what_to_do() -> None:
    (first,) = open_listening("127.0.0.1:0")

    with pytest.raises(ConflictError, match="in use") as refused:
        open_listening(first.address)

    assert "--listen" in refused.value.hint
    first.close()


@pytest.mark.parametrize(
    "address",
    [
        *("", "8300", ":8300", "host", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:8300"),
        *("fd:", "fd:x", "fd:-1", "fd:99999", "unix:", "unix:relative", "unix:/" + "x" * 107),
        *("unix:/nowhere/at/all", "no.such.host.invalid:1", "192.0.2.1:0", "http://h:1"),
    ],
)
def test_what_cannot_be_listened_on_is_explained(address: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        open_listening(address)

    assert refused.value.hint


def test_a_unix_socket_is_for_user_and_group(place: Path) -> None:
    (opened,) = open_listening(f"unix:{place / 's'}")

    assert stat.S_IMODE((place / "s").stat().st_mode) == 0o660
    assert opened.address == f"unix:{place / 's'}"
    opened.close()
    assert not (place / "s").exists()


def test_a_stale_unix_socket_is_replaced_and_a_live_one_is_not(place: Path) -> None:
    path = place / "s"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))

    live = open_unix(path, mode=0o600)
    with pytest.raises(ConflictError, match="in use"):
        open_unix(path, mode=0o600)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    live.close()


def test_a_file_that_is_no_socket_is_left_alone(place: Path) -> None:
    (place / "s").write_text("precious")

    with pytest.raises(ConflictError, match="no socket"):
        open_unix(place / "s", mode=0o600)

    assert (place / "s").read_text() == "precious"


def test_a_successors_socket_is_left_alone(place: Path) -> None:
    old = open_unix(place / "s", mode=0o600)
    (place / "s").unlink()
    new = open_unix(place / "s", mode=0o600)

    old.close()

    assert (place / "s").exists()
    new.close()


def test_a_descriptor_is_taken_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as parent:
        descriptor = fcntl.fcntl(parent.fileno(), fcntl.F_DUPFD, 10)  # inheritable
        (adopted,) = open_listening(f"fd:{descriptor}")

        assert adopted.socket.getsockname() == parent.getsockname()
        assert not os.get_inheritable(descriptor)
        adopted.close()


def test_descriptors_that_do_not_listen_are_refused_and_left_open(place: Path) -> None:
    with socket.socket() as deaf, (place / "f").open("wb") as file:
        for descriptor in (deaf.fileno(), file.fileno()):
            with pytest.raises(InvalidInputError, match="no listening"):
                open_listening(f"fd:{descriptor}")
        deaf.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)


def test_sockets_meant_for_another_process_are_not_taken() -> None:
    environment = {"LISTEN_FDS": "1", "LISTEN_PID": "1", "LISTEN_FDNAMES": "x", "OTHER": "1"}

    assert inherited(environment) == ()
    assert environment == {"OTHER": "1"}


@pytest.mark.parametrize("count", ["", "x", "-1"])
def test_a_malformed_count_is_none(count: str) -> None:
    assert inherited({"LISTEN_FDS": count, "LISTEN_PID": str(os.getpid())}) == ()
