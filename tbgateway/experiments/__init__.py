"""The use cases around experiments."""

from tbgateway.experiments.experiments import Experiments
from tbgateway.experiments.logdirs import Logdir
from tbgateway.experiments.resolving import Resolved, Unresolved
from tbgateway.experiments.searching import Search, last_seen

__all__ = ["Experiments", "Logdir", "Resolved", "Search", "Unresolved", "last_seen"]
