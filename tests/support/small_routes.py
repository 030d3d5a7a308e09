"""Routes that tell what the pipeline found out."""

from aiohttp import web

from tbgateway.routes import Exchange, Route, Who


def routes(reached: list[str]) -> tuple[Route, ...]:
    """Return one route for each rule who may, noting what was reached."""

    async def say(exchange: Exchange) -> web.StreamResponse:
        reached.append(f"{exchange.request.method} {exchange.route.pattern}")
        return web.json_response(
            {
                "pattern": exchange.route.pattern,
                "params": dict(exchange.params),
                "client": exchange.client,
                "url": exchange.external.url,
                "identity": repr(exchange.identity),
            }
        )

    async def swallow(exchange: Exchange) -> web.StreamResponse:
        reached.append("swallow")
        return web.Response(text=str(len(await exchange.body())))

    async def fail(_exchange: Exchange) -> web.StreamResponse:
        raise ZeroDivisionError("secret inside")

    async def fail_late(exchange: Exchange) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(exchange.request)
        await response.write(b"half")
        raise ZeroDivisionError("secret inside")

    return (
        Route("GET", "/healthz", Who.ANYONE, say),
        Route("GET", "/fail", Who.ANYONE, fail),
        Route("GET", "/fail-late", Who.ANYONE, fail_late),
        Route("POST", "/swallow", Who.ANYONE, swallow, 1000),
        Route("GET", "/", Who.VIEWERS, say),
        Route("POST", "/ui/form", Who.VIEWERS, say),
        Route("GET", "/api/v1/boards", Who.VIEWERS, say),
        Route("POST", "/api/v1/boards", Who.EDITORS, say),
        Route("DELETE", "/api/v1/boards/{board}", Who.EDITORS, say),
        Route("GET", "/api/v1/boards/{board}/log", Who.LOOKERS, say),
        Route("PUT", "/api/v1/members/{name}", Who.ADMINS, say),
        Route("GET", "/tensorboards/v1/", Who.VIEWERS, say, takes_api_key=True),
        Route("POST", "/tensorboards/v1/", Who.EDITORS, say, takes_api_key=True),
    )
