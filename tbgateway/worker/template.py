"""TensorBoard imported once, ready to be forked: its plugins and its packed web assets."""

import logging
import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from tensorboard import assets, default, program
from tensorboard.plugins.core import core_plugin

from tbgateway.worker import kernel
from tbgateway.worker.board_assets import page_with_relative_fonts
from tbgateway.worker.core_loader import BoardCoreLoader, ResourceApps, make_resource_apps
from tbgateway.worker.data_server import find_binary

_ENTRY_POINTS = "tensorboard_plugins"


@dataclass(frozen=True, slots=True)
class Template:
    """What every board starts from; `problems` names the plugins that are left out, and why."""

    plugins: Sequence[Any]
    assets_zip_provider: Callable[[], Any] | None
    problems: tuple[str, ...] = ()


def load_template(*, pack_assets: bool) -> Template:
    """Load all plugins; `pack_assets` pays for the web assets now instead of in each board."""
    _quieten_logs()
    mimetypes.init()
    find_binary()  # for its import
    provider = assets.get_default_assets_zip_provider()
    apps = _pack(provider) if pack_assets and provider else None
    plugins = [BoardCoreLoader(apps), *_static_plugins()]
    problems = []
    for entry_point in metadata.entry_points(group=_ENTRY_POINTS):
        problem = _add_dynamic(plugins, entry_point, provider)
        if problem is not None:
            problems.append(problem)
    return Template(tuple(plugins), provider, tuple(problems))


def _pack(provider: Callable[[], Any]) -> ResourceApps | None:
    """Pack all assets, the page with its fonts where a board has them."""
    apps, page = (
        make_resource_apps(provider),
        make_resource_apps(page_with_relative_fonts(provider)),
    )
    return None if apps is None or page is None else {**apps, **page}


def _quieten_logs() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # Werkzeug raises an unset level to INFO by itself, which logs every request.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


def _static_plugins() -> list[Any]:
    return [
        plugin
        for plugin in default.get_static_plugins()
        if not isinstance(plugin, core_plugin.CorePluginLoader)
    ]


def _add_dynamic(
    plugins: list[Any],
    entry_point: metadata.EntryPoint,
    assets_zip_provider: Callable[[], Any] | None,
) -> str | None:
    """Add one plugin, or return why it is left out: stock TensorBoard would not start with it."""
    threads = kernel.thread_count()
    try:
        plugin = entry_point.load()
        _refuse_duplicate(plugins, plugin)
        _try_flags([*plugins, plugin], assets_zip_provider)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's own code may raise anything
        return f"plugin {entry_point.value} is left out: {type(error).__name__}: {error}"
    plugins.append(plugin)
    started = kernel.thread_count() > threads
    return f"plugin {entry_point.value} starts threads when imported" if started else None


def _refuse_duplicate(plugins: list[Any], plugin: Any) -> None:  # noqa: ANN401 - plugins have no types
    name = getattr(plugin, "plugin_name", None)
    if name is not None and any(getattr(other, "plugin_name", None) == name for other in plugins):
        raise ValueError(f"another plugin is named {name!r}")


def _try_flags(plugins: list[Any], assets_zip_provider: Callable[[], Any] | None) -> None:
    trial = program.TensorBoard(plugins=plugins, assets_zip_provider=assets_zip_provider)
    trial.configure(argv=("tensorboard",), logdir="trial")
