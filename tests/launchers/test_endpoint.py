"""Where boards' sockets are, and what is done to what is there already."""

import socket
import stat
from pathlib import Path

import pytest

from tbgateway.launchers.endpoint import (
    Endpoint,
    make_runtime_dir,
    remove_dead_endpoints,
    remove_left_endpoint,
)
from tbgateway.launchers.launcher import LaunchError


def test_a_new_runtime_directory_is_closed_to_others(directory: Path) -> None:
    path = directory / "new" / "run"
    make_runtime_dir(path)
    make_runtime_dir(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
def test_a_directory_that_others_may_write_to_is_refused_and_left_as_it_is(
    directory: Path, mode: int
) -> None:
    directory.chmod(mode)

    with pytest.raises(LaunchError, match="another runtime directory"):
        make_runtime_dir(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == mode


def test_connections_wait_in_an_endpoint_that_nobody_serves(directory: Path) -> None:
    endpoint = Endpoint.bind(directory / "tb1.1")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(endpoint.path))
        assert stat.S_IMODE(endpoint.path.stat().st_mode) == 0o600
        endpoint.close()

    assert not endpoint.path.exists()


def test_an_endpoint_that_cannot_be_bound_says_why(directory: Path) -> None:
    with pytest.raises(LaunchError, match="No such file or directory"):
        Endpoint.bind(directory / "missing" / "tb1.1")


def test_only_sockets_of_the_runtime_directory_are_ever_removed(directory: Path) -> None:
    ours, foreign = directory / "tb1.1", directory / "logdir" / "file"
    ours.touch()
    foreign.touch()

    remove_left_endpoint(directory, str(ours))
    remove_left_endpoint(directory, str(ours))
    remove_left_endpoint(directory, str(foreign))
    remove_left_endpoint(directory, "")

    assert not ours.exists()
    assert foreign.exists()


def test_endpoints_of_a_gateway_that_was_killed_are_removed_and_nothing_else(
    directory: Path,
) -> None:
    for name in ("tb0123456789.1", "control", "tb0123456789"):
        Endpoint.bind(directory / name).listener.close()
    living = Endpoint.bind(directory / "tb0123456789.2")
    (directory / "tb0123456789.3").touch()
    (directory / "tb0123456789.4").symlink_to(directory / "control")

    remove_dead_endpoints(directory)

    kept = {"control", "tb0123456789", "tb0123456789.2", "tb0123456789.3", "tb0123456789.4"}
    assert {path.name for path in directory.iterdir()} == {*kept, "logdir"}
    living.close()
