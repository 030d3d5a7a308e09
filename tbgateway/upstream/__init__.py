"""One generation of a board as the proxy sees it: where it listens and what runs on it now."""

from tbgateway.upstream.answer import Answer, WholeBody
from tbgateway.upstream.inflight_request import InflightRequest, UpstreamLostError
from tbgateway.upstream.upstream import DrainingError, Upstream

__all__ = [
    "Answer",
    "DrainingError",
    "InflightRequest",
    "Upstream",
    "UpstreamLostError",
    "WholeBody",
]
