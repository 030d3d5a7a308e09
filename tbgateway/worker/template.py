"""TensorBoard imported once, ready to be forked: its plugins and its packed web assets."""

import copy
import logging
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tensorboard import assets, default, program
from tensorboard.plugins.core import core_plugin

from tbgateway.worker.board_assets import page_with_relative_fonts, placeholder_page
from tbgateway.worker.board_server import BoardServer
from tbgateway.worker.contained_plugin import ContainedPlugin
from tbgateway.worker.core_loader import BoardCoreLoader, ResourceApps, make_resource_apps
from tbgateway.worker.data_server import find_binary
from tbgateway.worker.options import Options
from tbgateway.worker.plugin_choice import choose_plugins, installed_plugins
from tbgateway.worker.plugins import PluginShelf
from tbgateway.worker.rehearsal import rehearse

_REDIRECTS = {
    "tensorboard.plugins.profile_redirect.": "tensorboard_plugin_profile",
    "tensorboard.plugins.wit_redirect.": "tensorboard_plugin_wit",
}
"""TensorBoard's pointers to third-party plugins, which import them to see if they are there."""

_NO_ARGUMENTS = ("tensorboard",)
_REHEARSED = {"window_title": "rehearsal", "samples_per_plugin": {}}


@dataclass(frozen=True, slots=True)
class Template:
    """What every board starts from; `problems` names the plugins that are left out, and why.

    `flags` are TensorBoard's without anything of a board; None if each board must make its own.
    `server` serves nothing yet. `cut_off` is whether a plugin's import was ended half-way.
    """

    plugins: Sequence[Any]
    assets_zip_provider: Callable[[], Any] | None
    problems: tuple[str, ...]
    flags: Any
    server: BoardServer
    cut_off: bool = False

    def configure(self, tensorboard: program.TensorBoard, values: Mapping[str, object]) -> None:
        """Give `tensorboard`, which has our plugins, its flags; raise ValueError for unknown."""
        if self.flags is None:
            tensorboard.configure(argv=_NO_ARGUMENTS, **values)
        else:
            tensorboard.flags = _changed(self.flags, values)

    def working_plugins(self) -> tuple[str, ...]:
        """Return the third-party plugins that are loaded, by their entry points."""
        plugins = (one for one in self.plugins if isinstance(one, ContainedPlugin))
        return tuple(one.entry_point for one in plugins)

    def rehearse(self) -> str:
        """Spare boards what is slow only at the first time; return why that failed, or nothing."""
        own = [plugin for plugin in self.plugins if not isinstance(plugin, ContainedPlugin)]
        flags = self.flags or _make_flags(own, self.assets_zip_provider)
        return rehearse(own, lambda: _changed(flags, _REHEARSED), self.assets_zip_provider)


def load_template(options: Options, *, pack_assets: bool, tried: bool = False) -> Template:
    """Load all plugins; `pack_assets` pays for the web assets now instead of in each board.

    Third-party plugins are tried in child processes first, unless they were `tried` before.
    """
    _quieten_logs()
    mimetypes.init()
    find_binary()  # for its import
    _import_late_modules()
    with_assets = options.with_assets
    provider = assets.get_default_assets_zip_provider() if with_assets else placeholder_page
    apps = _pack(provider) if pack_assets and with_assets and provider else None
    shelf = PluginShelf([BoardCoreLoader(apps), *_static_plugins()])
    choice = choose_plugins(options.plugins, installed_plugins())
    for entry_point in choice.own:
        shelf.add_own(entry_point)
    shelf.add_foreign(choice.allowed, tried=tried)
    plugins = tuple(shelf.loaded)
    # A third-party plugin's `fix_flags` must see those of each board.
    own_only = not any(isinstance(plugin, ContainedPlugin) for plugin in plugins)
    flags = _make_flags(plugins, provider) if own_only else None
    problems = (*options.left_out, *shelf.problems)
    return Template(plugins, provider, problems, flags, BoardServer(), shelf.cut_off)


def _make_flags(plugins: Sequence[Any], assets_zip_provider: Callable[[], Any] | None) -> Any:  # noqa: ANN401 - TensorBoard has no types
    """Return what every board's command line would be parsed to: that takes milliseconds."""
    tensorboard = program.TensorBoard(plugins=plugins, assets_zip_provider=assets_zip_provider)
    tensorboard.configure(argv=_NO_ARGUMENTS, logdir="/nonexistent")
    return tensorboard.flags


def _changed(flags: Any, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - as above
    flags = copy.copy(flags)
    for name, value in values.items():
        if not hasattr(flags, name):
            raise ValueError(f"TensorBoard has no flag {name!r}")
        setattr(flags, name, value)
    return flags


def _pack(provider: Callable[[], Any]) -> ResourceApps | None:
    """Pack all assets, the page with its fonts where a board has them."""
    apps, page = (
        make_resource_apps(provider),
        make_resource_apps(page_with_relative_fonts(provider)),
    )
    return None if apps is None or page is None else {**apps, **page}


def _import_late_modules() -> None:
    """Import what every board would import for itself: grpc's channels, a quarter of its start.

    The name is private; where it is missing, boards start slower. No channel is made: grpc could
    not be forked after that.
    """
    with suppress(ImportError):
        import_module("grpc._channel")


def _quieten_logs() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # Werkzeug raises an unset level to INFO by itself, which logs every request.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


def _static_plugins() -> list[Any]:
    return [
        plugin
        for plugin in default.get_static_plugins()
        if not isinstance(plugin, core_plugin.CorePluginLoader) and not _would_import(plugin)
    ]


def _would_import(plugin: Any) -> bool:  # noqa: ANN401 - plugins have no types
    """Whether it is a pointer to an installed plugin: it would import that one, allowed or not."""
    where = str(getattr(plugin, "__module__", ""))
    targets = [target for module, target in _REDIRECTS.items() if where.startswith(module)]
    return any(find_spec(target) is not None for target in targets)
