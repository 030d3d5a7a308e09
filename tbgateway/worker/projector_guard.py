"""TensorBoard's projector with each run's files kept apart from those of all others.

In the stock plugin, one `projector_config.pbtxt` that cannot be parsed makes every request fail,
and one tensor file that is not there switches the projector off until the process ends. Whether
there is anything to show is found out in a thread, so that the first page after a start has no
projector.

Private names relied on, all of `ProjectorPlugin`: `_update_configs`, which every request calls,
and what it fills: `_configs` (by run) and `config_fpaths`; `tensor_cache`, which knows nothing of
changed files; and `ProjectorConfig` of its module. Where one is missing, the stock plugin runs.
"""

import sys
from collections.abc import Callable
from typing import Any

from tensorboard import context as request_context
from tensorboard.plugins import base_plugin

from tbgateway.worker.projector_survey import ProjectorSurvey

PROJECTOR = "projector"
"""The name of its entry point, and of the plugin."""

_METHODS = ("_update_configs",)
_ATTRIBUTES = ("_configs", "config_fpaths", "tensor_cache")


class ProjectorLoader(base_plugin.TBLoader):  # type: ignore[misc] # TensorBoard has no types
    """Loads the guarded projector, made from the class `stock`.

    Once it is loaded, `survey` says what is wrong with which run; None if that is not known.
    """

    plugin_name = PROJECTOR

    def __init__(self, stock: Any) -> None:  # noqa: ANN401 - TensorBoard has no types
        self.survey: ProjectorSurvey | None = None
        self._stock = stock

    def load(self, context: Any) -> Any:  # noqa: ANN401 - TensorBoard has no types
        """Return the plugin for one board."""
        make_config = getattr(sys.modules[self._stock.__module__], "ProjectorConfig", None)
        if make_config is None or not context.logdir or context.data_provider is None:
            return self._stock(context)
        self.survey = ProjectorSurvey(context.logdir, _runs_of(context.data_provider), make_config)
        return _guarded(self._stock, context, self.survey) or self._stock(context)


def _runs_of(provider: Any) -> Callable[[], list[str]]:  # noqa: ANN401 - TensorBoard has no types
    def list_runs() -> list[str]:
        context = request_context.RequestContext()
        return [run.run_name for run in provider.list_runs(context, experiment_id="")]

    return list_runs


def _guarded(stock: Any, context: Any, survey: ProjectorSurvey) -> Any:  # noqa: ANN401 - TensorBoard has no types
    """Return a guarded plugin, or None if `stock` is not as we know it."""
    if not all(callable(getattr(stock, name, None)) for name in _METHODS):
        return None

    class GuardedProjector(stock):  # type: ignore[misc] # TensorBoard has no types
        """The projector over a survey of the runs' files."""

        _configs: Any
        tensor_cache: Any

        def is_active(self) -> bool:
            """Whether any run has something to show: known at once."""
            self._update_configs()
            return bool(self._configs)

        def _update_configs(self) -> None:
            found = survey.take()
            shown = {run: files for run, files in found.items() if files.config is not None}
            configs = {run: files.config for run, files in shown.items()}
            if any(self._configs.get(run) is not config for run, config in configs.items()):
                self.tensor_cache = type(self.tensor_cache)(1)
            self.config_fpaths = {run: files.path for run, files in shown.items()}
            self._configs = configs

    plugin = GuardedProjector(context)
    return plugin if all(hasattr(plugin, name) for name in _ATTRIBUTES) else None
