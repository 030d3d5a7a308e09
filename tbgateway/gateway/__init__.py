"""The composition root."""

from tbgateway.gateway.composition import running
from tbgateway.gateway.gateway import Gateway
from tbgateway.gateway.launching import MakeLauncher
from tbgateway.gateway.serving import serve
from tbgateway.gateway.signals import stop_signals

__all__ = ["Gateway", "MakeLauncher", "running", "serve", "stop_signals"]
