"""`/assets/<fingerprint>/…`: what all boards share. Public: it is the same in every TensorBoard."""

from dataclasses import dataclass

from aiohttp import web

from tbgateway.dataplane.asset_answers import send_asset
from tbgateway.domain.errors import NotFoundError
from tbgateway.routes import Exchange, Route, Who
from tbgateway.webassets import Library

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",  # another content, another address
    # What a worker may do is said by its own script's answer: the one worker computes, only.
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'unsafe-eval'",
}


@dataclass(frozen=True, slots=True)
class AssetRoutes:
    """Sends the files of a library."""

    library: Library

    def routes(self) -> tuple[Route, ...]:
        """Return the one route."""
        return (Route("GET", "/assets/{fingerprint}/{path*}", Who.ANYONE, self._send),)

    async def _send(self, exchange: Exchange) -> web.StreamResponse:
        asset = self.library.files.get(exchange.params["path"])
        if asset is None or exchange.params["fingerprint"] != self.library.fingerprint:
            raise NotFoundError(
                "There is no such file.",
                hint="A page from before an upgrade may ask for it: load the page again.",
            )
        return await send_asset(exchange, asset, _HEADERS)
