"""Notes and tags of experiments for the Text dashboard: Markdown, which is sanitised there."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from tensorboard.data import provider
from tensorboard.plugins.text import metadata

from tbgateway.worker.descriptions_file import Descriptions, Told
from tbgateway.worker.notes_markdown import bearable, literally

NOTES = "tbgateway/notes"
TAGS = "tbgateway/tags"

_CONTENT = metadata.create_summary_metadata("", "").plugin_data.content

ByRunAndTag = Mapping[str, Mapping[str, Any]]


def has_text(told: Told) -> bool:
    """Whether there is anything to show of an experiment."""
    return bool(told.notes or told.tags)


def series(content: bytes, written_at: float) -> provider.TensorTimeSeries:
    """Return a time series of one point with the plugin's own `content`."""
    return provider.TensorTimeSeries(
        max_step=0,
        max_wall_time=written_at,
        plugin_content=content,
        description="",
        display_name="",
    )


def list_texts(descriptions: Descriptions, only: Any = None) -> ByRunAndTag:  # noqa: ANN401 - TensorBoard has no types
    """Return what lists the texts that a `provider.RunTagFilter` lets through."""
    at = descriptions.written_at
    return {
        link: {tag: series(_CONTENT, at) for tag in texts}
        for link, texts in _chosen(descriptions.told, only)
    }


def read_texts(descriptions: Descriptions, only: Any = None) -> ByRunAndTag:  # noqa: ANN401 - as above
    """Return the texts that a `provider.RunTagFilter` lets through."""
    at = descriptions.written_at
    return {
        link: {tag: [_datum(text, at)] for tag, text in texts.items()}
        for link, texts in _chosen(descriptions.told, only)
    }


def _chosen(told: Mapping[str, Told], only: Any) -> Iterator[tuple[str, Mapping[str, str]]]:  # noqa: ANN401 - as above
    runs, tags = (None, None) if only is None else (only.runs, only.tags)
    for link in told if runs is None else runs & told.keys():
        texts = _texts(told[link])
        chosen = {tag: text for tag, text in texts.items() if tags is None or tag in tags}
        if chosen:
            yield link, chosen


def _texts(told: Told) -> Mapping[str, str]:
    tags = ", ".join(map(literally, told.tags))
    return {tag: text for tag, text in ((NOTES, bearable(told.notes)), (TAGS, tags)) if text}


def _datum(text: str, written_at: float) -> provider.TensorDatum:
    value = np.array(text.encode(), dtype=np.object_)
    return provider.TensorDatum(step=0, wall_time=written_at, numpy=value)
