"""A third-party plugin in a board: what it does wrong costs its own dashboard and no other.

Stock TensorBoard lets one plugin keep the whole board from starting (a wrong name or route), or
the page from knowing any dashboard (`frontend_metadata` raises at each listing).
"""

import json
import re
import sys
from collections.abc import Callable, Collection, Mapping
from importlib import metadata
from typing import Any, TypeVar

from tensorboard.backend import application
from tensorboard.plugins import base_plugin

from tbgateway.worker.plugin_choice import describe

_T = TypeVar("_T")
Complain = Callable[[str], None]

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_ROUTE = re.compile(r"/[^*]*|(/[^*]*)?/\*")
_NO = False
_NO_APPS: Mapping[str, Any] = {}
_NO_NAMES: frozenset[str] = frozenset()
_MOST_TOLD = 10  # of one plugin and board; an error's text may be new each time
_FOREIGN = (Exception, SystemExit)
"""What foreign code may raise without ending the board."""


class ContainedPlugin(base_plugin.TBLoader):  # type: ignore[misc] # TensorBoard has no types
    """Loads one plugin, that of the entry point `found`.

    Once it is `broken`, which says why, it has no part in the board any more. `plugin_name` is
    None where only the loaded plugin knows its name. `complain` is called once for each thing that
    goes wrong, from any thread.
    """

    def __init__(self, found: metadata.EntryPoint, plugin: Any) -> None:  # noqa: ANN401 - TensorBoard has no types
        """Raise TypeError if `plugin`, which was loaded from there, is none."""
        self.entry_point = found.name
        self.broken = ""
        self.complain: Complain = _say_nothing
        self.plugin_name = getattr(plugin, "plugin_name", None)
        self._name = describe(found)
        self._loader = application.make_plugin_loader(plugin)
        self._told: set[str] = set()

    def define_flags(self, parser: Any) -> None:  # noqa: ANN401 - TensorBoard has no types
        """Add the plugin's flags; was tried when it was imported."""
        self._loader.define_flags(parser)

    def fix_flags(self, flags: Any) -> None:  # noqa: ANN401 - TensorBoard has no types
        """Let the plugin look at the flags."""
        self._call("fix_flags", lambda: self._loader.fix_flags(flags), None, fatal=True)

    def load(self, context: Any) -> Any:  # noqa: ANN401 - TensorBoard has no types
        """Return the plugin for one board, or None if it is broken."""
        if self.broken:
            return None
        taken = context.plugin_name_to_instance
        return self._call("load", lambda: self._load(context, taken), None, fatal=True)

    def _load(self, context: Any, taken: Collection[str]) -> Any:  # noqa: ANN401 - TensorBoard has no types
        plugin = self._loader.load(context)
        if plugin is None:  # its own way of saying that it has nothing to do here
            return None
        _check_name(plugin.plugin_name, taken)
        page = plugin.frontend_metadata()
        _check_page(page)
        self._contain(plugin, page)
        return plugin

    def _contain(self, plugin: Any, page: Any) -> None:  # noqa: ANN401 - TensorBoard has no types
        """Replace what TensorBoard calls on the plugin object; its type stays what it is."""
        apps, active, names = plugin.get_plugin_apps, plugin.is_active, plugin.data_plugin_names
        plugin.frontend_metadata = lambda: page
        plugin.get_plugin_apps = lambda: self._call(
            "get_plugin_apps", lambda: _checked_apps(apps()), _NO_APPS, fatal=True
        )
        plugin.is_active = lambda: self._unless_broken("is_active", lambda: bool(active()), _NO)
        plugin.data_plugin_names = lambda: self._unless_broken(
            "data_plugin_names", lambda: frozenset(names()), _NO_NAMES
        )

    def _unless_broken(self, what: str, call: Callable[[], _T], otherwise: _T) -> _T:
        return otherwise if self.broken else self._call(what, call, otherwise)

    def _call(self, what: str, call: Callable[[], _T], otherwise: _T, *, fatal: bool = False) -> _T:
        try:
            return call()
        except _FOREIGN as error:
            problem = f"{what} failed: {type(error).__name__}: {error}"
            if fatal:
                self.broken = problem
            self._tell(f"{self._name}: {problem}")
            return otherwise

    def _tell(self, problem: str) -> None:
        if problem not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(problem)
            sys.stderr.write(f"{problem}\n")
            self.complain(problem)


def _say_nothing(_problem: str) -> None:
    """Nobody listens but who reads the board's log."""


def _check_name(name: object, taken: Collection[str]) -> None:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise ValueError(f"plugin_name {name!r} is no name")
    if name in taken:
        raise ValueError(f"another plugin is named {name!r}")


def _check_page(page: Any) -> None:  # noqa: ANN401 - TensorBoard has no types
    """Raise what would otherwise be raised at each listing of all plugins."""
    json.dumps((page.disable_reload, page.remove_dom, page.tab_name, page.element_name))
    if page.es_module_path is not None and not page.es_module_path.startswith("/"):
        raise ValueError(f"es_module_path {page.es_module_path!r} does not begin with a slash")
    if page.is_ng_component and (page.element_name, page.es_module_path) != (None, None):
        raise ValueError("frontend_metadata names more than one way to load the plugin's page")


def _checked_apps(apps: Mapping[str, Any]) -> Mapping[str, Any]:
    wrong = next((route for route in apps if _ROUTE.fullmatch(route) is None), None)
    if wrong is not None:
        raise ValueError(f"route {wrong!r} is none")
    return dict(apps)
