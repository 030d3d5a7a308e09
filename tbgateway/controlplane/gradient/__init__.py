"""The API of Gradient's TensorBoards, for its unmodified client: see docs/gradient.md."""

from tbgateway.controlplane.gradient.tensorboards import routes

__all__ = ["routes"]
