"""An asset as an answer: the encoding the client takes, and nothing at all if it has it already."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import hdrs, web

from tbgateway.dataplane.incoming import ClientLeftError
from tbgateway.routes import CLIENT_PATIENCE, Exchange
from tbgateway.webassets import Asset
from tbgateway.webassets.encodings import acceptable

_PIECE = 64 * 1024  # bytes; more is not held for a client that reads slowly


async def send_asset(
    exchange: Exchange, asset: Asset, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Answer GET or HEAD with an asset, adding `headers`; raise ClientLeftError."""
    request = exchange.request
    encodings = acceptable(_accepted(request), asset.encodings)
    known = _first_known(request, asset, encodings)
    chosen = encodings[0] if known is None else known
    headers = {
        hdrs.ETAG: f'"{asset.etag(chosen)}"',
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
        **headers,
    }
    if known is not None:
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers[hdrs.CONTENT_TYPE] = asset.content_type
    if chosen != "identity":
        headers[hdrs.CONTENT_ENCODING] = chosen
    return await _send(request, asset.body(chosen), headers)


def _accepted(request: web.BaseRequest) -> str | None:
    lines = request.headers.getall(hdrs.ACCEPT_ENCODING, None)
    return None if lines is None else ",".join(lines)


def _first_known(request: web.BaseRequest, asset: Asset, encodings: Sequence[str]) -> str | None:
    """Return which acceptable encoding the client has: any will do, they hold the same."""
    tags = {tag.value for tag in request.if_none_match or ()}
    held = (one for one in encodings if "*" in tags or asset.etag(one) in tags)
    return next(held, None)


async def _send(
    request: web.BaseRequest, body: bytes, headers: Mapping[str, str]
) -> web.StreamResponse:
    if len(body) <= _PIECE or request.method == hdrs.METH_HEAD:
        return web.Response(body=body, headers=headers)
    response = web.StreamResponse(headers=headers)
    response.content_length = len(body)
    try:
        await response.prepare(request)
        for start in range(0, len(body), _PIECE):
            async with asyncio.timeout(CLIENT_PATIENCE):
                await response.write(body[start : start + _PIECE])
        await response.write_eof()
    except (ConnectionError, TimeoutError) as error:
        raise ClientLeftError("it stopped reading") from error
    return response
