"""The pages about members."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.tokens import Once, TokenForm, TokenRow
from tbgateway.rendering.figures import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member, with the numbers of boards and tokens; `you` are the reader."""

    name: str
    role: str
    created: Moment
    boards: int
    tokens: int
    you: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersPage(Page):
    """All members, and a form that makes one; `new_name` is what was typed into it."""

    template: ClassVar[str] = "members.html"
    section: ClassVar[str] = "members"
    members: tuple[MemberRow, ...]
    new_name: str
    roles: tuple[Option, ...]
    once: Once | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage(Page):
    """One member, and what an admin can do about the account."""

    template: ClassVar[str] = "member.html"
    section: ClassVar[str] = "members"
    member: MemberRow
    boards: tuple[str, ...]
    tokens: tuple[TokenRow, ...]
    token_form: TokenForm
    once: Once | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteMemberPage(Page):
    """Asks whether a member shall be deleted."""

    template: ClassVar[str] = "delete_member.html"
    section: ClassVar[str] = "members"
    member: MemberRow
