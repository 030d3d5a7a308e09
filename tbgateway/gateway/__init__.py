"""The composition root."""

from tbgateway.gateway.composition import Gateway, MakeLauncher, running
from tbgateway.gateway.serving import serve, stop_signals

__all__ = ["Gateway", "MakeLauncher", "running", "serve", "stop_signals"]
