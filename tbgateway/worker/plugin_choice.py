"""Which of the installed TensorBoard plugins boards may load: looked up, nothing imported."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib import metadata

GROUP = "tensorboard_plugins"
EVERYTHING = "*"
"""The name that allows all plugins."""

_TENSORBOARD = "tensorboard"
_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class PluginChoice:
    """TensorBoard's `own` plugins, those `allowed` beside them, those `refused`.

    `missing` are allowed names that nothing installed goes by.
    """

    own: tuple[metadata.EntryPoint, ...]
    allowed: tuple[metadata.EntryPoint, ...]
    refused: tuple[metadata.EntryPoint, ...]
    missing: tuple[str, ...]


def choose_plugins(
    allowed: Collection[str], installed: Iterable[metadata.EntryPoint]
) -> PluginChoice:
    """Sort `installed` by the names in `allowed`: of entry points, or of their distributions."""
    plugins = tuple(installed)
    own = tuple(one for one in plugins if distribution_of(one) == _TENSORBOARD)
    others = tuple(one for one in plugins if one not in own)
    wanted = {*allowed, *map(_normal, allowed)}
    everything = EVERYTHING in wanted
    admitted = tuple(one for one in others if everything or not wanted.isdisjoint(_names(one)))
    known = {name for one in plugins for name in _names(one)} | {EVERYTHING}
    return PluginChoice(
        own,
        admitted,
        tuple(one for one in others if one not in admitted),
        tuple(name for name in allowed if known.isdisjoint((name, _normal(name)))),
    )


def installed_plugins() -> tuple[metadata.EntryPoint, ...]:
    """Return the entry points of all plugins that are installed beside us."""
    return tuple(metadata.entry_points(group=GROUP))


def distribution_of(plugin: metadata.EntryPoint) -> str:
    """Return the normalised name of the distribution that brought `plugin`, "" if none says."""
    return _normal(plugin.dist.name) if plugin.dist and plugin.dist.name else ""


def describe(plugin: metadata.EntryPoint) -> str:
    """Return what to call `plugin` before an operator."""
    distribution = distribution_of(plugin)
    return f"plugin {plugin.name}" + (f" of {distribution}" if distribution else "")


def setting_to_allow(plugin: metadata.EntryPoint, allowed: Collection[str]) -> str:
    """Return the line of the settings file that allows `plugin` beside what is allowed now."""
    names = [*allowed, distribution_of(plugin) or plugin.name]
    return f"boards.plugins = {json.dumps(names)}"


def _names(plugin: metadata.EntryPoint) -> tuple[str, ...]:
    return plugin.name, distribution_of(plugin)


def _normal(name: str) -> str:
    """Normalise as installers do: My.Plugin is my-plugin."""
    return _SEPARATORS.sub("-", name).lower()
