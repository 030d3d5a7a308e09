"""TensorBoards as a service: one URL, hundreds of named boards on one small machine."""

__version__ = "0.1.0"
