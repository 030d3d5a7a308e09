"""The plugins that come by entry point: each is loaded by itself, and fails by itself."""

import io
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import metadata
from typing import Any

from tensorboard import program

from tbgateway.worker.contained_plugin import ContainedPlugin
from tbgateway.worker.plugin_choice import describe
from tbgateway.worker.plugin_trial import OverdueError, do_in_time, try_in_child
from tbgateway.worker.projector_guard import PROJECTOR, ProjectorLoader

_PATIENCE = 15.0  # seconds for one plugin's import
_PATIENCE_FOR_ALL = 30.0  # seconds; boards wait meanwhile


class PluginShelf:
    """What is loaded so far: `loaded`, in order, and `problems` of what is left out.

    `cut_off` is whether an import was ended half-way: whatever it began is in this process.
    """

    def __init__(self, loaded: Iterable[Any]) -> None:
        self.loaded: list[Any] = list(loaded)
        self.problems: list[str] = []
        self.cut_off = False

    def add_own(self, entry_point: metadata.EntryPoint) -> None:
        """Add one of TensorBoard's own, the projector with its guard."""
        guard = ProjectorLoader if entry_point.name == PROJECTOR else _as_it_is
        self._note(entry_point, self._add(lambda: guard(entry_point.load())))

    def add_foreign(self, entry_points: Sequence[metadata.EntryPoint], *, tried: bool) -> None:
        """Add third-party plugins, each after a trial in a child process unless `tried` before.

        What works in a trial may still hang in earnest. A trial needs a process with one thread.
        """
        deadline = time.monotonic() + _PATIENCE_FOR_ALL
        for entry_point in entry_points:
            patience = max(min(_PATIENCE, deadline - time.monotonic()), 1.0)
            add = partial(self._add_contained, entry_point)
            problem = "" if tried else try_in_child(add, patience)
            self._note(entry_point, problem or self._in_time(add))

    def _note(self, entry_point: metadata.EntryPoint, problem: str) -> None:
        if problem:
            self.problems.append(f"{describe(entry_point)} is left out: {problem}")

    def _in_time(self, add: Callable[[], str]) -> str:
        try:
            return do_in_time(add, _PATIENCE)
        except OverdueError as error:
            self.cut_off = True
            return str(error)

    def _add_contained(self, entry_point: metadata.EntryPoint) -> str:
        return self._add(lambda: ContainedPlugin(entry_point, entry_point.load()))

    def _add(self, load: Callable[[], Any]) -> str:
        """Add one plugin, or return why not: stock TensorBoard would not start with it."""
        try:
            plugin = load()
            _refuse_duplicate(self.loaded, plugin)
            _try_flags([*self.loaded, plugin])
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's own code may raise anything
            return f"{type(error).__name__}: {error}"
        broken: str = getattr(plugin, "broken", "")
        if not broken:
            self.loaded.append(plugin)
        return broken


def _as_it_is(plugin: Any) -> Any:  # noqa: ANN401 - plugins have no types
    return plugin


def _refuse_duplicate(plugins: Iterable[Any], plugin: Any) -> None:  # noqa: ANN401 - plugins have no types
    name = getattr(plugin, "plugin_name", None)
    if name is not None and any(getattr(other, "plugin_name", None) == name for other in plugins):
        raise ValueError(f"another plugin is named {name!r}")


def _try_flags(plugins: Sequence[Any]) -> None:
    trial = program.TensorBoard(plugins=plugins, assets_zip_provider=io.BytesIO)
    trial.configure(argv=("tensorboard",), logdir="trial")
