from pathlib import Path

import pytest

from tbgateway.cli.serve import _Flags, logdirs
from tbgateway.domain.errors import InvalidInputError
from tbgateway.settings import load_settings


def test_a_logdir_has_its_directorys_name_unless_named(tmp_path: Path) -> None:
    assert logdirs([f"{tmp_path}/runs/", "team=~/x"], None) == {
        "runs": {"path": tmp_path / "runs"},
        "team": {"path": Path.home() / "x"},
    }


def test_a_relative_logdir_becomes_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert logdirs(["."], 2) == {tmp_path.name: {"path": tmp_path, "depth": 2}}


def test_a_logdir_without_a_name_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "target")
    assert logdirs([f"{tmp_path}/other/../link"], None) == {"link": {"path": tmp_path / "link"}}


def test_an_equals_sign_in_a_path_is_part_of_it(tmp_path: Path) -> None:
    assert logdirs([f"{tmp_path}/lr=0.1/runs"], None) == {
        "runs": {"path": tmp_path / "lr=0.1" / "runs"}
    }


@pytest.mark.parametrize("text", ["/", "/data/my runs"])
def test_a_directory_whose_name_cannot_name_it_needs_a_name(text: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot name a logdir") as refused:
        logdirs([text], None)
    assert refused.value.hint == f"Give it a name: --logdir NAME={text}"


def test_two_logdirs_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="Two logdirs"):
        logdirs(["/a/runs", "/b/runs"], None)


def test_flags_that_are_not_given_leave_the_settings_alone() -> None:
    overrides = _Flags().overrides()
    assert {key: value for key, value in overrides.items() if value} == {}


def test_flags_become_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flags = _Flags(
        logdir=["./runs"],
        listen=["127.0.0.1:0", "unix:/x/y"],
        state_dir=Path("s"),
        log_level="debug",
    )
    settings = load_settings(None, flags.overrides())
    assert settings.server.listen == ("127.0.0.1:0", "unix:/x/y")
    assert settings.state.dir == tmp_path / "s"
    assert settings.logdirs["runs"].path == tmp_path / "runs"
    assert settings.log.level == "debug"


@pytest.mark.parametrize("text", ["", "runs="])
def test_an_empty_logdir_is_not_taken_for_this_directory(text: str) -> None:
    with pytest.raises(InvalidInputError, match="names no directory"):
        logdirs([text], None)


def test_an_empty_state_directory_is_not_taken_for_this_directory() -> None:
    with pytest.raises(InvalidInputError, match="names no directory"):
        _Flags(state_dir="").overrides()
