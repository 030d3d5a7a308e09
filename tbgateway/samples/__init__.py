"""Sample experiments for every view of TensorBoard, written without TensorFlow."""

from tbgateway.samples.catalogue import write_samples
from tbgateway.samples.live import LiveSample
from tbgateway.samples.sample import Sample

__all__ = ["LiveSample", "Sample", "write_samples"]
