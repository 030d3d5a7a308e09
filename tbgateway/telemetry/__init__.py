"""What the gateway says about itself while it runs."""

from tbgateway.telemetry.logs import configure_logging

__all__ = ["configure_logging"]
