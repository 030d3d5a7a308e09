"""URLs as seen from the page that answers."""

from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange


def urls_of(exchange: Exchange) -> Urls:
    """Return them for the path that was asked for: forms are answered at other paths than pages."""
    return Urls.seen_from(exchange.target.path if exchange.target is not None else "/")
