"""API tokens, in the API. Whose they may be is the use case's question."""

from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.api.answering import answer, listed, nothing
from tbgateway.controlplane.api.asking import body_of, nothing_else, query_of
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.errors import DeniedError, InvalidInputError, NotFoundError
from tbgateway.domain.model import Identity, SignedIn, Token
from tbgateway.members import Members, NewToken
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import NewTokenAnswer, TokenAnswer, TokenList
from tbgateway.schemas.operations import Operation, Reply
from tbgateway.schemas.requests import CreateToken, ListQuery, NoQuery

_ROOT = "/api/v1/tokens"
_TAG = "tokens"

LIST = Operation(
    id="listTokens",
    tag=_TAG,
    summary="List one's own tokens; admins see everybody's",
    query=ListQuery,
    replies={200: Reply("A part of the list.", TokenList)},
)
CREATE = Operation(
    id="createToken",
    tag=_TAG,
    summary="Make a token",
    body=CreateToken,
    replies={201: Reply("The new token with its secret, told this once.", NewTokenAnswer)},
    errors=(NotFoundError,),
    names={"token": "id"},
)
DELETE = Operation(
    id="deleteToken",
    tag=_TAG,
    summary="Delete a token; it stops working at once",
    replies={204: Reply("It is gone.")},
)


def routes(members: Members, share: LoopShare) -> tuple[Route, ...]:
    """Return the routes of tokens."""
    api = TokensApi(members, share)
    return (
        Route("GET", _ROOT, Who.VIEWERS, api.list, operation=LIST),
        Route("POST", _ROOT, Who.VIEWERS, api.create, operation=CREATE),
        Route("DELETE", f"{_ROOT}/{{token}}", Who.VIEWERS, api.delete, operation=DELETE),
    )


@dataclass(frozen=True, slots=True)
class TokensApi:
    """The handlers: each reads the request, asks one use case, and answers."""

    members: Members
    share: LoopShare

    async def list(self, exchange: Exchange) -> web.Response:
        """GET /tokens."""
        query = query_of(exchange, ListQuery)
        tokens = self.members.list_tokens(exchange.identity)
        return await listed(
            tokens,
            query,
            TokenList,
            key=lambda token: f"{token.member}\n{token.id}",
            shown=_shown,
            share=self.share,
        )

    async def create(self, exchange: Exchange) -> web.Response:
        """POST /tokens."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, CreateToken)
        _refuse_mere_session(exchange)
        made = await self.members.create_token(
            exchange.identity,
            body.member or _own_name(exchange.identity),
            label=body.label,
            lifetime=body.expires_in,
        )
        return answer(_with_secret(made), status=201)

    async def delete(self, exchange: Exchange) -> web.Response:
        """DELETE /tokens/{token}."""
        await nothing_else(exchange)
        await self.members.delete_token(exchange.identity, exchange.params["token"])
        return nothing()


def _refuse_mere_session(exchange: Exchange) -> None:
    """Refuse a browser that was left open: a token may outlive its session, and for ever."""
    if exchange.session is None:
        return
    raise DeniedError(
        "An API token is not made with a session alone.",
        hint="Make it on your account's page, or send your user name and password (HTTP Basic)"
        " instead of a cookie.",
    )


def _own_name(identity: Identity) -> str:
    if isinstance(identity, SignedIn):
        return identity.name
    raise InvalidInputError(
        "The local operator is no member: whose token shall it be?",
        hint="Name a member.",
        command="tbgateway token create LABEL --member NAME",
        field="member",
    )


def _shown(token: Token) -> TokenAnswer:
    return TokenAnswer(
        id=token.id,
        member=token.member,
        label=token.label,
        created_at=token.created_at,
        expires_at=token.expires_at,
    )


def _with_secret(made: NewToken) -> NewTokenAnswer:
    return NewTokenAnswer(**dict(_shown(made.token)), token=made.secret)
