"""What is allowed is told by names; nothing is imported to find out."""

from importlib import metadata
from pathlib import Path

import pytest

from tbgateway.worker.plugin_choice import (
    GROUP,
    PluginChoice,
    choose_plugins,
    describe,
    installed_plugins,
    setting_to_allow,
)

INSTALLED = {
    "tensorboard": "projector",
    "Torch_TB.Profiler": "torch_profiler",
    "tensorboard-plugin-wit": "wit",
}


@pytest.fixture
def installed(tmp_path: Path) -> tuple[metadata.EntryPoint, ...]:
    for distribution, name in INSTALLED.items():
        directory = tmp_path / f"{distribution}-1.0.dist-info"
        directory.mkdir()
        (directory / "METADATA").write_text(f"Name: {distribution}\nVersion: 1.0\n")
        (directory / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = nowhere:Plugin\n")
    found = metadata.distributions(path=[str(tmp_path)])
    return tuple(one for distribution in found for one in distribution.entry_points)


def names(entry_points: tuple[metadata.EntryPoint, ...]) -> set[str]:
    return {one.name for one in entry_points}


def test_by_default_only_tensorboards_own_are_loaded(
    installed: tuple[metadata.EntryPoint, ...],
) -> None:
    choice = choose_plugins((), installed)
    assert names(choice.own) == {"projector"}
    assert choice.allowed == ()
    assert names(choice.refused) == {"torch_profiler", "wit"}
    assert choice.missing == ()


@pytest.mark.parametrize("name", ["torch-tb-profiler", "torch_tb.Profiler", "torch_profiler"])
def test_a_plugin_is_allowed_by_its_distribution_or_its_entry_point(
    installed: tuple[metadata.EntryPoint, ...], name: str
) -> None:
    choice = choose_plugins((name,), installed)
    assert names(choice.allowed) == {"torch_profiler"}
    assert names(choice.refused) == {"wit"}
    assert choice.missing == ()


def test_a_star_allows_everything(installed: tuple[metadata.EntryPoint, ...]) -> None:
    choice = choose_plugins(("*",), installed)
    assert names(choice.allowed) == {"torch_profiler", "wit"}
    assert (choice.refused, choice.missing) == ((), ())


def test_allowed_names_that_nothing_goes_by_are_missing(
    installed: tuple[metadata.EntryPoint, ...],
) -> None:
    choice = choose_plugins(("projector", "wit", "Elsewhere"), installed)
    assert choice.missing == ("Elsewhere",)


def test_the_setting_that_allows_one_keeps_what_is_allowed(
    installed: tuple[metadata.EntryPoint, ...],
) -> None:
    (wit,) = (one for one in installed if one.name == "wit")
    setting = setting_to_allow(wit, ("torch_profiler",))
    assert setting == 'boards.plugins = ["torch_profiler", "tensorboard-plugin-wit"]'
    assert describe(wit) == "plugin wit of tensorboard-plugin-wit"


def test_the_projector_of_the_installed_tensorboard_is_its_own() -> None:
    choice: PluginChoice = choose_plugins((), installed_plugins())
    assert names(choice.own) == {"projector"}
