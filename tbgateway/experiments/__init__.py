"""The use cases around experiments."""

from tbgateway.experiments.experiments import Experiments

__all__ = ["Experiments"]
