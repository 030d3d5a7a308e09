from pathlib import Path

from tbgateway.domain.locations import context_file, control_sockets, runtime_dir, state_dir

HOME = Path("/home/ada")


def test_systemds_directories_come_first() -> None:
    environ = {
        "STATE_DIRECTORY": "/var/lib/tbgateway:/var/lib/other",
        "RUNTIME_DIRECTORY": "/run/tbgateway",
        "XDG_STATE_HOME": "/elsewhere",
        "XDG_RUNTIME_DIR": "/run/user/7",
    }
    assert state_dir(environ, HOME) == Path("/var/lib/tbgateway")
    assert runtime_dir(environ, Path("/state")) == Path("/run/tbgateway")


def test_without_systemd_the_users_own_directories_are_taken() -> None:
    assert state_dir({}, HOME) == HOME / ".local/state/tbgateway"
    assert state_dir({"XDG_STATE_HOME": "/s"}, HOME) == Path("/s/tbgateway")
    assert runtime_dir({"XDG_RUNTIME_DIR": "/run/user/7"}, HOME) == Path("/run/user/7/tbgateway")
    assert runtime_dir({}, Path("/state")) == Path("/state/run")


def test_relative_xdg_directories_are_ignored() -> None:
    assert state_dir({"XDG_STATE_HOME": "here"}, HOME) == HOME / ".local/state/tbgateway"
    assert context_file({"XDG_CONFIG_HOME": "here"}, HOME) == (
        HOME / ".config/tbgateway/context.json"
    )


def test_the_control_socket_is_looked_for_in_every_usual_place_once() -> None:
    found = control_sockets({"XDG_RUNTIME_DIR": "/run/user/7"}, 7, HOME)
    assert found == (
        Path("/run/user/7/tbgateway/control"),
        Path("/run/tbgateway/control"),
        HOME / ".local/state/tbgateway/run/control",
    )


def test_a_named_control_socket_is_the_only_one() -> None:
    assert control_sockets({"TBGATEWAY_SOCKET": "/x/control"}, 7, HOME) == (Path("/x/control"),)
