"""Summary values for TensorBoard's plugins, from plain numbers and bytes."""

from array import array
from collections.abc import Sequence
from typing import TypeAlias

from tensorboard.compat.proto import summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.plugins.audio import metadata as audio_metadata
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar import metadata as layout_metadata
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.pr_curve import metadata as pr_curve_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.plugins.text import metadata as text_metadata

Value: TypeAlias = summary_pb2.Summary.Value


def scalar(tag: str, number: float, about: str = "") -> Value:
    """Return one point of a curve; `about` describes the curve in Markdown."""
    metadata = scalar_metadata.create_summary_metadata(display_name=None, description=about)
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[number])
    return Value(tag=tag, metadata=metadata, tensor=tensor)


def histogram(tag: str, buckets: Sequence[tuple[float, float, float]], about: str = "") -> Value:
    """Return a histogram of (left edge, right edge, count) buckets."""
    metadata = histogram_metadata.create_summary_metadata(display_name=None, description=about)
    flat = array("d", [number for bucket in buckets for number in bucket])
    tensor = packed(types_pb2.DT_DOUBLE, (len(buckets), 3), flat.tobytes())
    return Value(tag=tag, metadata=metadata, tensor=tensor)


def image(tag: str, width: int, height: int, pngs: Sequence[bytes], about: str = "") -> Value:
    """Return PNG files of one size."""
    metadata = image_metadata.create_summary_metadata(display_name=None, description=about)
    sizes = (str(width).encode(), str(height).encode())
    return Value(tag=tag, metadata=metadata, tensor=_strings([*sizes, *pngs]))


def audio(tag: str, wav: bytes, about: str = "") -> Value:
    """Return one WAV file."""
    metadata = audio_metadata.create_summary_metadata(
        display_name=None, description=about, encoding=audio_metadata.Encoding.Value("WAV")
    )
    return Value(tag=tag, metadata=metadata, tensor=_strings([wav, b""], shape=(1, 2)))


def text(tag: str, markdown: str, about: str = "") -> Value:
    """Return a text in Markdown."""
    metadata = text_metadata.create_summary_metadata(display_name=None, description=about)
    return Value(tag=tag, metadata=metadata, tensor=_strings([markdown.encode()]))


def pr_curve(tag: str, rows: Sequence[Sequence[float]], about: str = "") -> Value:
    """Return a precision-recall curve.

    The six rows are true and false positives, true and false negatives, precision and recall,
    each with one number per threshold.
    """
    thresholds = len(rows[0])
    metadata = pr_curve_metadata.create_summary_metadata(
        display_name=tag, description=about, num_thresholds=thresholds
    )
    flat = array("f", [number for row in rows for number in row])
    tensor = packed(types_pb2.DT_FLOAT, (len(rows), thresholds), flat.tobytes())
    return Value(tag=tag, metadata=metadata, tensor=tensor)


def layout(categories: Sequence[layout_pb2.Category]) -> Value:
    """Return the arrangement of charts for the custom scalars dashboard."""
    content = layout_pb2.Layout(category=categories).SerializeToString()
    return Value(
        tag=layout_metadata.CONFIG_SUMMARY_TAG,
        metadata=layout_metadata.create_summary_metadata(),
        tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[content]),
    )


def packed(kind: int, shape: Sequence[int], content: bytes) -> tensor_pb2.TensorProto:
    """Return a tensor of numbers that are given as their bytes."""
    return tensor_pb2.TensorProto(dtype=kind, tensor_shape=_shape(shape), tensor_content=content)


def _strings(
    strings: Sequence[bytes], shape: Sequence[int] | None = None
) -> tensor_pb2.TensorProto:
    return tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING,
        tensor_shape=_shape(shape or (len(strings),)),
        string_val=strings,
    )


def _shape(sizes: Sequence[int]) -> tensor_shape_pb2.TensorShapeProto:
    dimensions = [tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in sizes]
    return tensor_shape_pb2.TensorShapeProto(dim=dimensions)
