"""TensorBoard's data with what people and scripts say of the experiments, as if in event files.

Relied on, all public: `DataProvider` and its results, alike over the Rust data server and the
Python loader, and that the dashboards for hyperparameters and text ask it for tensors. Whatever
fails here, they show what the event files hold.
"""

import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tensorboard.data import provider
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.plugins.text import metadata as texts

from tbgateway.worker.description_texts import (
    ByRunAndTag,
    has_text,
    list_texts,
    read_texts,
)
from tbgateway.worker.descriptions_file import Descriptions, DescriptionsFile, Told
from tbgateway.worker.hparam_sessions import path_above
from tbgateway.worker.hparams_answers import HParamsAnswers

_T = TypeVar("_T")
_MOST_COMPLAINTS = 20  # of one process


class DescribedProvider:
    """The data provider `stock`, with the descriptions in `file`."""

    def __init__(self, stock: Any, file: DescriptionsFile) -> None:  # noqa: ANN401 - TensorBoard has no types
        self._stock = stock
        self._file = file
        self._complaints: set[str] = set()
        self._hparams = HParamsAnswers(self, self._complain)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the provider has
        return getattr(self._stock, name)

    def list_plugins(self, ctx: Any = None, **question: Any) -> Sequence[str]:  # noqa: ANN401 - TensorBoard has no types
        """Return the plugins that have data."""
        found: Sequence[str] = self._stock.list_plugins(ctx, **question)
        return self._with_descriptions(found, lambda said: _plugins(found, said.told))

    def list_runs(self, ctx: Any = None, **question: Any) -> Sequence[provider.Run]:  # noqa: ANN401 - as above
        """Return all runs; among them the experiments that have a text, and runs below them only.

        One of which nothing is loaded is none of them: that is how the gateway knows.
        """
        found: Sequence[provider.Run] = self._stock.list_runs(ctx, **question)
        return self._with_descriptions(found, lambda said: _runs(found, said.told))

    def list_tensors(self, ctx: Any = None, **question: Any) -> ByRunAndTag:  # noqa: ANN401 - as above
        """Return which tensors there are."""
        found: ByRunAndTag = self._stock.list_tensors(ctx, **question)
        plugin, only = question.get("plugin_name"), question.get("run_tag_filter")
        if plugin == texts.PLUGIN_NAME:
            return self._with_descriptions(
                found, lambda said: _merged(found, list_texts(said, only))
            )
        if plugin == hparams.PLUGIN_NAME and only is None:
            return self._with_descriptions(
                found,
                lambda said: self._hparams.answer(found, said, ctx, question["experiment_id"]),
            )
        return found

    def read_tensors(self, ctx: Any = None, **question: Any) -> ByRunAndTag:  # noqa: ANN401 - as above
        """Return the values of tensors."""
        found: ByRunAndTag = self._stock.read_tensors(ctx, **question)
        if question.get("plugin_name") != texts.PLUGIN_NAME:
            return found
        only = question.get("run_tag_filter")
        return self._with_descriptions(found, lambda said: _merged(found, read_texts(said, only)))

    def _with_descriptions(self, found: _T, join_them: Callable[[Descriptions], _T]) -> _T:
        try:
            said = self._file.read()
            return join_them(said) if said.told else found
        except Exception as error:  # noqa: BLE001 - whatever it is, the dashboards go on without
            where = traceback.format_exc(limit=-2)
            self._complain(f"descriptions are not shown: {error!r}\n{where}")
            return found

    def _complain(self, complaint: str) -> None:
        if complaint not in self._complaints and len(self._complaints) < _MOST_COMPLAINTS:
            self._complaints.add(complaint)
            sys.stderr.write(f"{complaint.rstrip()}\n")


def _plugins(found: Sequence[str], told: Mapping[str, Told]) -> Sequence[str]:
    more = [hparams.PLUGIN_NAME] if any(one.params for one in told.values()) else []
    more += [texts.PLUGIN_NAME] if any(map(has_text, told.values())) else []
    return [*found, *(name for name in more if name not in found)]


def _runs(found: Sequence[provider.Run], told: Mapping[str, Told]) -> Sequence[provider.Run]:
    missing = {link for link, one in told.items() if has_text(one)} - {
        run.run_name for run in found
    }
    began: dict[str, float | None] = {}
    for run in found if missing else ():
        link = path_above(run.run_name, missing)
        if link is not None:
            times = (time for time in (began.get(link), run.start_time) if time is not None)
            began[link] = min(times, default=None)
    added = (provider.Run(run_id=link, run_name=link, start_time=at) for link, at in began.items())
    return [*found, *added]


def _merged(found: ByRunAndTag, ours: ByRunAndTag) -> ByRunAndTag:
    """Return both; where a script has written the same, that."""
    return {**found, **{run: {**tags, **found.get(run, {})} for run, tags in ours.items()}}
