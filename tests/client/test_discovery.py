import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tbgateway.client.addresses import SocketAddress, parse_address
from tbgateway.client.discovery import find_gateway, name_gateway
from tbgateway.client.saved_context import SavedContext, save_context
from tbgateway.domain.errors import InvalidInputError, UnreachableError


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("HOME", str(tmp_path))
    return {"XDG_RUNTIME_DIR": str(tmp_path / "run")}


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "run" / "tbgateway" / "control"
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield path


def save(tmp_path: Path) -> None:
    save_context(
        tmp_path / ".config" / "tbgateway" / "context.json",
        SavedContext("https://saved", "tbg_saved_x"),
    )


@pytest.mark.usefixtures("control")
def test_the_named_gateway_comes_first(environ: dict[str, str], tmp_path: Path) -> None:
    save(tmp_path)
    environ |= {"TBGATEWAY_URL": "https://env", "TBGATEWAY_TOKEN": "tbg_env_x"}
    found = find_gateway("https://named", environ=environ)
    assert (found.address, found.token) == (parse_address("https://named"), "tbg_env_x")


@pytest.mark.usefixtures("control")
def test_then_the_environments(environ: dict[str, str], tmp_path: Path) -> None:
    save(tmp_path)
    environ |= {"TBGATEWAY_URL": "https://env"}
    found = find_gateway(environ=environ)
    assert (found.address, found.token) == (parse_address("https://env"), None)


@pytest.mark.usefixtures("control")
def test_then_the_saved_one_with_its_own_token(environ: dict[str, str], tmp_path: Path) -> None:
    save(tmp_path)
    found = find_gateway(environ=environ | {"TBGATEWAY_TOKEN": "tbg_env_x"})
    assert (found.address, found.token) == (parse_address("https://saved"), "tbg_saved_x")


def test_then_the_control_socket_of_this_machine(environ: dict[str, str], control: Path) -> None:
    assert find_gateway(environ=environ).address == SocketAddress(control)


def test_a_home_that_cannot_be_read_hides_no_socket_that_is_named(
    environ: dict[str, str], tmp_path: Path, control: Path
) -> None:
    (tmp_path / ".config").symlink_to(tmp_path / ".config")
    with pytest.raises(InvalidInputError, match="cannot be used"):
        find_gateway(environ=environ)
    found = find_gateway(environ=environ | {"TBGATEWAY_SOCKET": str(control)})
    assert found.address == SocketAddress(control)


def test_a_token_file_is_read(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("tbg_file_x\n")
    found = find_gateway("https://named", tmp_path / "token", environ=environ)
    assert found.token == "tbg_file_x"
    assert "tbg_file_x" not in repr(found)


def test_a_token_that_was_read_is_taken_as_it_is(environ: dict[str, str]) -> None:
    found = find_gateway("https://named", token="tbg_read_x", environ=environ)
    assert found.token == "tbg_read_x"


def test_the_last_line_end_of_a_mounted_secret_is_not_of_the_token(
    environ: dict[str, str],
) -> None:
    found = find_gateway("https://named", environ=environ | {"TBGATEWAY_TOKEN": "tbg_env_x\n"})
    assert found.token == "tbg_env_x"
    assert find_gateway("https://named", environ=environ | {"TBGATEWAY_TOKEN": "\n"}).token is None


@pytest.mark.parametrize("token", ["tbg_s3cret tbg_s3cret", "tbg_s3cr\net", "tbg_s3crét"])
def test_what_cannot_be_a_token_is_told_and_not_repeated(
    environ: dict[str, str], tmp_path: Path, token: str
) -> None:
    with pytest.raises(InvalidInputError, match="TBGATEWAY_TOKEN does not hold") as refused:
        find_gateway("https://named", environ=environ | {"TBGATEWAY_TOKEN": token})
    assert "s3cr" not in str(refused.value)
    context = tmp_path / ".config" / "tbgateway" / "context.json"
    save_context(context, SavedContext("https://saved", token))
    with pytest.raises(InvalidInputError, match=f"{context} does not hold") as refused:
        find_gateway(environ=environ)
    assert "s3cr" not in str(refused.value)


def test_a_gateway_has_a_name_whether_it_answers_or_not(
    environ: dict[str, str], tmp_path: Path
) -> None:
    assert name_gateway(environ=environ) == f"unix:{tmp_path}/run/tbgateway/control"
    save(tmp_path)
    assert name_gateway(environ=environ) == "https://saved"
    environ |= {"TBGATEWAY_URL": "https://env:443/"}
    assert name_gateway(environ=environ) == "https://env"
    assert name_gateway("http://named:80", environ=environ) == "http://named"


@pytest.mark.parametrize("content", [b"", b"two words", b"two\nlines", b"\xff"])
def test_a_file_that_holds_no_token_is_told(
    environ: dict[str, str], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(InvalidInputError, match="token"):
        find_gateway("https://named", tmp_path / "token", environ=environ)


def test_when_there_is_none_every_place_that_was_tried_is_named(
    environ: dict[str, str], tmp_path: Path
) -> None:
    dead = tmp_path / "run" / "tbgateway" / "control"
    dead.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(dead))
    with pytest.raises(UnreachableError) as unreachable:
        find_gateway(environ=environ | {"XDG_STATE_HOME": str(tmp_path / "state")})
    assert f"{dead} (nobody listens)" in unreachable.value.detail
    assert f"{tmp_path}/state/tbgateway/run/control (not there)" in unreachable.value.detail
    assert "tbgateway serve" in unreachable.value.hint


def test_the_only_other_gateway_of_this_user_is_taken(
    environ: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "run" / "tbgateway-0123" / "control"
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        assert find_gateway(environ=environ).address == SocketAddress(path)


def test_several_other_gateways_are_listed(environ: dict[str, str], tmp_path: Path) -> None:
    listeners = []
    for name in ("a", "b"):
        path = tmp_path / "run" / f"tbgateway-{name}" / "control"
        path.parent.mkdir(parents=True)
        listeners.append(socket.socket(socket.AF_UNIX))
        listeners[-1].bind(str(path))
        listeners[-1].listen()
    with pytest.raises(InvalidInputError, match="more than one gateway") as refused:
        find_gateway(environ=environ)
    for listener in listeners:
        listener.close()
    assert f"unix:{tmp_path}/run/tbgateway-a/control" in refused.value.hint
