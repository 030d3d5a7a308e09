"""TensorBoard's core plugin without what stock does over again at each start, and without paths.

Relied on, all public: `CorePlugin.get_resource_apps()`, which packs 15 MB of web assets anew for
every process, and is asked once here; that it is looked up on the plugin object, because
TensorBoard tells its core plugin from others by its exact class. Without it, stock code runs.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tensorboard.data import provider
from tensorboard.plugins import base_plugin
from tensorboard.plugins.core import core_plugin

ResourceApps = Mapping[str, Any]


class BoardCoreLoader(core_plugin.CorePluginLoader):  # type: ignore[misc] # TensorBoard has no types
    """Loads the core plugin with ready-made `resource_apps`; None leaves them to stock code."""

    def __init__(self, resource_apps: ResourceApps | None) -> None:
        super().__init__(include_debug_info=False)
        self._resource_apps = resource_apps

    def load(self, context: Any) -> Any:  # noqa: ANN401 - TensorBoard has no types
        """Return the plugin for one board."""
        plugin = super().load(_discreet(context))
        if self._resource_apps is not None:
            plugin.get_resource_apps = lambda: dict(self._resource_apps or {})
        return plugin


def make_resource_apps(assets_zip_provider: Callable[[], Any]) -> ResourceApps | None:
    """Pack TensorBoard's web assets once; None if this TensorBoard has no such step."""
    plugin = core_plugin.CorePlugin(
        base_plugin.TBContext(assets_zip_provider=assets_zip_provider, flags=None)
    )
    pack = getattr(plugin, "get_resource_apps", None)
    return None if pack is None else pack()


class _DiscreetProvider:
    """A data provider that names the board where the stock one names a directory."""

    def __init__(self, stock: Any, title: str) -> None:  # noqa: ANN401 - TensorBoard has no types
        self._stock = stock
        self._title = title

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the provider has
        return getattr(self._stock, name)

    def experiment_metadata(self, ctx: Any = None, *, experiment_id: str) -> Any:  # noqa: ANN401 - TensorBoard has no types
        """Answer /data/environment, which everyone with the board's password may read."""
        stock = self._stock.experiment_metadata(ctx, experiment_id=experiment_id)
        return provider.ExperimentMetadata(
            data_location=self._title,
            experiment_name=stock.experiment_name,
            experiment_description=stock.experiment_description,
            creation_time=stock.creation_time,
        )


def _discreet(context: Any) -> Any:  # noqa: ANN401 - TensorBoard has no types
    title = context.window_title or "TensorBoard"
    return base_plugin.TBContext(
        assets_zip_provider=context.assets_zip_provider,
        data_provider=_DiscreetProvider(context.data_provider, title),
        flags=context.flags,
        logdir=title,
        multiplexer=context.multiplexer,
        plugin_name_to_instance=context.plugin_name_to_instance,
        sampling_hints=context.sampling_hints,
        window_title=context.window_title,
    )
