"""Which settings a reload changes, and which wait for a restart."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tbgateway.settings import Reloaded, Settings, load_settings, reload_settings


def settings(home: Path, **overrides: object) -> Settings:
    given = {name.replace("__", "."): value for name, value in overrides.items()}
    return load_settings(None, {"state.dir": home / "state", **given})


def test_what_can_change_is_in_force_for_everybody_who_has_the_settings(tmp_path: Path) -> None:
    in_force = settings(tmp_path)
    boards = in_force.boards  # as somebody keeps it

    reloaded = reload_settings(
        in_force, settings(tmp_path, boards__idle_timeout=60, log__level="debug")
    )

    assert reloaded == Reloaded(changed=("boards.idle_timeout", "log.level"))
    assert (boards.idle_timeout, in_force.log.level) == (60, "debug")


def test_what_cannot_change_is_named_until_it_is_as_before(tmp_path: Path) -> None:
    in_force = settings(tmp_path, server__listen=["127.0.0.1:1"])
    wanted = settings(tmp_path, server__listen=["127.0.0.1:2"], boards__launcher="exec")

    for _ in range(2):
        reloaded = reload_settings(in_force, wanted)
        assert reloaded == Reloaded(waiting=("server.listen", "boards.launcher"))

    assert in_force.server.listen == ("127.0.0.1:1",)
    assert reload_settings(in_force, settings(tmp_path, server__listen=["127.0.0.1:1"])) == (
        Reloaded()
    )


def test_logdirs_that_came_or_left_or_moved_are_named(tmp_path: Path) -> None:
    def at(name: str) -> dict[str, object]:
        return {"path": tmp_path / name}

    in_force = settings(tmp_path, logdirs={"stays": at("a"), "moves": at("b"), "leaves": at("c")})
    wanted = settings(tmp_path, logdirs={"stays": at("a"), "moves": at("d"), "comes": at("e")})

    reloaded = reload_settings(in_force, wanted)

    assert reloaded == Reloaded(waiting=("logdirs.moves", "logdirs.leaves", "logdirs.comes"))
    assert set(in_force.logdirs) == {"stays", "moves", "leaves"}


def test_nobody_else_changes_settings(tmp_path: Path) -> None:
    in_force = settings(tmp_path)

    with pytest.raises(ValidationError):
        in_force.boards.idle_timeout = 1.0  # type: ignore[misc] # that it is refused is the point
