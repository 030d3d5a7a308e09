"""Members, in the API."""

from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.api.answering import answer, listed, nothing
from tbgateway.controlplane.api.asking import body_of, nothing_else, query_of
from tbgateway.domain.model import Member
from tbgateway.members import Members
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import MemberAnswer
from tbgateway.schemas.requests import ChangeMember, CreateMember, ListQuery, NoQuery

_ROOT = "/api/v1/members"
_ONE = f"{_ROOT}/{{member}}"


def routes(members: Members) -> tuple[Route, ...]:
    """Return the routes of members. Whether a password is one's own is the use case's question."""
    api = MembersApi(members)
    return (
        Route("GET", _ROOT, Who.ADMINS, api.list),
        Route("POST", _ROOT, Who.ADMINS, api.create),
        Route("PATCH", _ONE, Who.VIEWERS, api.change),
        Route("DELETE", _ONE, Who.ADMINS, api.delete),
    )


@dataclass(frozen=True, slots=True)
class MembersApi:
    """The handlers: each reads the request, asks one use case, and answers."""

    members: Members

    async def list(self, exchange: Exchange) -> web.Response:
        """GET /members."""
        query = query_of(exchange, ListQuery)
        return listed(self.members.list(), query, key=lambda member: member.name, shown=_shown)

    async def create(self, exchange: Exchange) -> web.Response:
        """POST /members."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, CreateMember)
        member = await self.members.create(
            body.name, role=body.role, password=body.password.get_secret_value()
        )
        return answer(_shown(member), status=201)

    async def change(self, exchange: Exchange) -> web.Response:
        """PATCH /members/{member}."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, ChangeMember)
        member = await self.members.set_password(
            exchange.identity, exchange.params["member"], body.password.get_secret_value()
        )
        return answer(_shown(member))

    async def delete(self, exchange: Exchange) -> web.Response:
        """DELETE /members/{member}."""
        await nothing_else(exchange)
        await self.members.delete(exchange.identity, exchange.params["member"])
        return nothing()


def _shown(member: Member) -> MemberAnswer:
    return MemberAnswer(name=member.name, role=member.role, created_at=member.created_at)
