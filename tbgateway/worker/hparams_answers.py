"""What the dashboards that show hyperparameters are answered: joined, and kept for a while.

Stock TensorBoard lists no scalars for a question without metrics, but such a one cannot be told
from others here; each page that is open asks again at its reloads.
"""

from collections.abc import Callable
from typing import Any

from tensorboard.plugins.hparams import metadata, plugin_data_pb2
from tensorboard.plugins.scalar import metadata as scalars

from tbgateway.worker.description_texts import ByRunAndTag, series
from tbgateway.worker.descriptions_file import Descriptions
from tbgateway.worker.hparams_board import Contents, join
from tbgateway.worker.last_answer import LastAnswer
from tbgateway.worker.run_prefixes import sessions_apart

_SESSION = metadata.SESSION_START_INFO_TAG
_EMPTY: bytes = metadata.create_summary_metadata(
    plugin_data_pb2.HParamsPluginData(session_start_info=plugin_data_pb2.SessionStartInfo())
).plugin_data.content


class HParamsAnswers:
    """Answers for `provider`, whose runs and scalars are listed; troubles go to `complain`.

    What is said, and what scripts wrote of parameters, counts at once; new runs and metrics may
    be shown a little later.
    """

    def __init__(self, provider: Any, complain: Callable[[str], None]) -> None:  # noqa: ANN401 - TensorBoard has no types
        self._provider = provider
        self._complain = complain
        self._joined: LastAnswer[ByRunAndTag] = LastAnswer()
        self._apart: LastAnswer[ByRunAndTag] = LastAnswer()

    def answer(
        self,
        found: ByRunAndTag,
        said: Descriptions,
        ctx: Any,  # noqa: ANN401 - as above
        experiment_id: str,
    ) -> ByRunAndTag:
        """Return `found`, which is all of the plugin, joined with what is `said`."""
        if not any(told.params for told in said.told.values()):
            return found
        written = {
            run: {tag: one.plugin_content for tag, one in tags.items()}
            for run, tags in found.items()
        }

        joined = self._joined.get(
            (said, written), lambda: self._join(written, said, ctx, experiment_id)
        )
        if not experiment_id:
            return joined
        # Time Series names an experiment (there is but one), the HParams dashboard does not; there
        # each session is a row.
        return self._apart.get(
            (said, joined), lambda: self._keep_apart(joined, said, ctx, experiment_id)
        )

    def _join(
        self,
        written: Contents,
        said: Descriptions,
        ctx: Any,  # noqa: ANN401 - as above
        experiment_id: str,
    ) -> ByRunAndTag:
        def list_scalars() -> ByRunAndTag:
            listed: ByRunAndTag = self._provider.list_scalars(
                ctx, experiment_id=experiment_id, plugin_name=scalars.PLUGIN_NAME
            )
            return listed

        params = {link: told.params for link, told in said.told.items()}
        joined = join(written, params, list_scalars, self._complain)
        return {
            run: {tag: series(content, said.written_at) for tag, content in tags.items()}
            for run, tags in joined.items()
        }

    def _keep_apart(
        self,
        joined: ByRunAndTag,
        said: Descriptions,
        ctx: Any,  # noqa: ANN401 - as above
        experiment_id: str,
    ) -> ByRunAndTag:
        runs = (run.run_name for run in self._provider.list_runs(ctx, experiment_id=experiment_id))
        sessions = {run: tags[_SESSION] for run, tags in joined.items() if _SESSION in tags}
        apart = sessions_apart(sessions, runs, series(_EMPTY, said.written_at))
        added = {run: {**joined.get(run, {}), _SESSION: one} for run, one in apart.items()}
        return {**joined, **added}
