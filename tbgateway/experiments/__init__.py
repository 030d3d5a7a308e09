"""The use cases around experiments."""

from tbgateway.experiments.experiments import Experiments
from tbgateway.experiments.logdirs import Logdir
from tbgateway.experiments.resolving import Resolved, Unresolved

__all__ = ["Experiments", "Logdir", "Resolved", "Unresolved"]
