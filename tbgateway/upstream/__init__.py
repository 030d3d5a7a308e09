"""One generation of a board as the proxy sees it: where it listens and what runs on it now."""

from tbgateway.upstream.conversation import Answer
from tbgateway.upstream.upstream import (
    DrainingError,
    InflightRequest,
    Upstream,
    UpstreamLostError,
)

__all__ = ["Answer", "DrainingError", "InflightRequest", "Upstream", "UpstreamLostError"]
