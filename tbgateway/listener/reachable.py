"""Where somebody on this machine finds what listens at an address."""

from collections.abc import Iterable

_BY_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - what "any" means  # nosec


def reachable_url(addresses: Iterable[str]) -> str:
    """Return a URL for the first TCP address, without a slash; else http://localhost."""
    for address in addresses:
        if not address.startswith("unix:"):
            host, _, port = address.rpartition(":")
            return f"http://{_BY_ANY_ADDRESS.get(host, host)}:{port}"
    return "http://localhost"
