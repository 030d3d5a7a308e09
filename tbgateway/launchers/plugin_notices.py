"""Telling the operator about TensorBoard plugins: what is installed, allowed, and works."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from tbgateway.launchers.worker_process import module_command, worker_environment
from tbgateway.worker.options import Options
from tbgateway.worker.plugin_choice import (
    choose_plugins,
    describe,
    installed_plugins,
    setting_to_allow,
)

log = structlog.get_logger(__name__)

_PATIENCE = 60.0  # seconds; TensorBoard and all plugins are imported


@dataclass(frozen=True, slots=True)
class PluginReport:
    """What works of the allowed plugins, `problems` of what does not, and what is not there.

    Those `refused` are installed; `to_allow` has the setting for each.
    """

    works: tuple[str, ...]
    problems: tuple[str, ...]
    missing: tuple[str, ...]
    refused: tuple[str, ...]
    to_allow: tuple[str, ...]


def look_at(allowed: Sequence[str]) -> PluginReport:
    """Look at what is installed, and try what is `allowed`, which takes seconds."""
    choice = choose_plugins(allowed, installed_plugins())
    options = Options(with_assets=False, plugins=tuple(allowed))
    tried = rehearse(options) if choice.allowed else Options()
    return PluginReport(
        works=tried.plugins,
        problems=tried.left_out,
        missing=choice.missing,
        refused=tuple(plugin.name for plugin in choice.refused),
        to_allow=tuple(setting_to_allow(plugin, allowed) for plugin in choice.refused),
    )


def announce(allowed: Sequence[str]) -> None:
    """Say which plugins are installed and not `allowed`, and which are allowed and missing."""
    choice = choose_plugins(allowed, installed_plugins())
    for plugin in choice.refused:
        setting = setting_to_allow(plugin, allowed)
        log.info("a TensorBoard plugin is not allowed", plugin=describe(plugin), to_allow=setting)
    for name in choice.missing:
        log.warning("an allowed TensorBoard plugin is not installed", name=name)


def complain(problems: Sequence[str]) -> None:
    """Say which allowed plugins do not work."""
    for problem in problems:
        log.warning("a TensorBoard plugin is left out", problem=problem)


def rehearse(options: Options) -> Options:
    """Return `options` with only those plugins that work, tried in a process of its own."""
    command = module_command("tbgateway.worker.plugin_check", *options.arguments())
    try:
        ran = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            command,
            capture_output=True,
            check=True,
            timeout=_PATIENCE,
            cwd="/",
            env=worker_environment(),
        )
        found = json.loads(ran.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        found = {"works": (), "problems": (f"third-party plugins cannot be tried: {error}",)}
    return Options(
        with_assets=options.with_assets,
        plugins=tuple(found["works"]),
        left_out=tuple(found["problems"]),
    )
