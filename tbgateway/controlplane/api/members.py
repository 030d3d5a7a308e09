"""Members, in the API."""

from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.api.answering import answer, listed, nothing
from tbgateway.controlplane.api.asking import body_of, nothing_else, query_of
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.errors import ConflictError, DeniedError, NameTakenError
from tbgateway.domain.model import Member
from tbgateway.members import Members, is_own
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import MemberAnswer, MemberList
from tbgateway.schemas.operations import Operation, Reply
from tbgateway.schemas.requests import ChangeMember, CreateMember, ListQuery, NoQuery

_ROOT = "/api/v1/members"
_ONE = f"{_ROOT}/{{member}}"
_TAG = "members"

LIST = Operation(
    id="listMembers",
    tag=_TAG,
    summary="List members by name",
    query=ListQuery,
    replies={200: Reply("A part of the list.", MemberList)},
)
CREATE = Operation(
    id="createMember",
    tag=_TAG,
    summary="Make a member",
    body=CreateMember,
    replies={201: Reply("The new member.", MemberAnswer)},
    errors=(NameTakenError,),
    names={"member": "name"},
)
CHANGE = Operation(
    id="changeMember",
    tag=_TAG,
    summary="Change a password: as an admin anybody's; one's own by sending the current one",
    body=ChangeMember,
    replies={200: Reply("The member.", MemberAnswer)},
)
DELETE = Operation(
    id="deleteMember",
    tag=_TAG,
    summary="Delete a member with all tokens; the last admin stays",
    replies={204: Reply("The member is gone.")},
    errors=(ConflictError,),
)


def routes(members: Members, share: LoopShare) -> tuple[Route, ...]:
    """Return the routes of members. Whether a password is one's own is the use case's question."""
    api = MembersApi(members, share)
    return (
        Route("GET", _ROOT, Who.ADMINS, api.list, operation=LIST),
        Route("POST", _ROOT, Who.ADMINS, api.create, operation=CREATE),
        Route("PATCH", _ONE, Who.VIEWERS, api.change, operation=CHANGE),
        Route("DELETE", _ONE, Who.ADMINS, api.delete, operation=DELETE),
    )


@dataclass(frozen=True, slots=True)
class MembersApi:
    """The handlers: each reads the request, asks one use case, and answers."""

    members: Members
    share: LoopShare

    async def list(self, exchange: Exchange) -> web.Response:
        """GET /members."""
        query = query_of(exchange, ListQuery)
        return await listed(
            self.members.list(),
            query,
            MemberList,
            key=lambda member: member.name,
            shown=_shown,
            share=self.share,
        )

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
        name = exchange.params["member"]
        _check_knows_own_password(exchange, name)
        member = await self.members.set_password(
            exchange.identity, name, body.password.get_secret_value()
        )
        return answer(_shown(member))

    async def delete(self, exchange: Exchange) -> web.Response:
        """DELETE /members/{member}."""
        await nothing_else(exchange)
        await self.members.delete(exchange.identity, exchange.params["member"])
        return nothing()


def _check_knows_own_password(exchange: Exchange, name: str) -> None:
    """Refuse to change the own password of somebody who showed a token or a session only.

    Either may be in the wrong hands for a while; with the password they would keep the account.
    """
    if not is_own(exchange.identity, name) or exchange.by_password:
        return
    raise DeniedError(
        "Your own password is not changed with a token or a session alone.",
        hint="Change it on your account's page, or send your user name and password (HTTP Basic)"
        " instead of a token.",
    )


def _shown(member: Member) -> MemberAnswer:
    return MemberAnswer(name=member.name, role=member.role, created_at=member.created_at)
