"""The use cases around experiments."""

from tbgateway.experiments.experiments import Experiments
from tbgateway.experiments.resolving import Resolved, Unresolved

__all__ = ["Experiments", "Resolved", "Unresolved"]
