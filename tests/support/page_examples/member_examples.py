"""The pages about members and about one's own account, as they may look."""

from collections.abc import Mapping

from tbgateway.domain.errors import InvalidInputError
from tbgateway.rendering.contexts.account import AccountPage, SessionRow
from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.contexts.members import (
    DeleteMemberPage,
    MemberPage,
    MemberRow,
    MembersPage,
)
from tbgateway.rendering.contexts.page import Link, Notice, Page, Reader
from tbgateway.rendering.contexts.tokens import Once, TokenForm, TokenRow
from tbgateway.rendering.figures import moment
from tbgateway.rendering.urls import Urls

NOW = 1_795_420_800.0
LIFETIMES = (
    Option(value="90", label="90 days", chosen=True),
    Option(value="never", label="as long as it is not deleted"),
)


def _row(text: str, *, you: bool = False) -> MemberRow:
    return MemberRow(
        name=text, role="admin", created=moment(NOW - 9e6, NOW), boards=2, tokens=2, you=you
    )


def _tokens(text: str) -> tuple[TokenRow, ...]:
    made = moment(NOW - 3600, NOW)
    return (
        TokenRow(id="0123456789", label=text, created=made, expires=None, expired=False),
        TokenRow(
            id="1123456789", label=text, created=made, expires=moment(NOW - 60, NOW), expired=True
        ),
    )


def _members(urls: Urls, text: str, reader: Reader) -> MembersPage:
    return MembersPage(
        urls=urls,
        reader=reader,
        problem=InvalidInputError(text, hint=text, field="name"),
        members=(_row(text, you=True), _row(text)),
        new_name=text,
        roles=(Option(value="viewer", label="Viewer", chosen=True, hint=text),),
        once=Once(label=text, secret=text),
    )


def _member(urls: Urls, text: str, reader: Reader, *, you: bool) -> MemberPage:
    return MemberPage(
        urls=urls,
        reader=reader,
        problem=InvalidInputError(text, hint=text, field="password"),
        member=_row(text, you=you),
        boards=("vision", "audio"),
        tokens=_tokens(text),
        token_form=TokenForm(label=text, lifetimes=LIFETIMES, confirmed_by=text),
        once=Once(label=text, secret=text),
    )


def _account(urls: Urls, text: str, reader: Reader) -> AccountPage:
    seen = moment(NOW - 3600, NOW)
    return AccountPage(
        urls=urls,
        reader=reader,
        notice=Notice(text=text, link=Link(label=text, url="#tokens")),
        problem=InvalidInputError(text, hint=text, field="current"),
        member=True,
        tokens=_tokens(text),
        token_form=TokenForm(label=text, lifetimes=LIFETIMES, confirmed_by=text),
        sessions=(
            SessionRow(created=seen, expires=moment(NOW + 9e5, NOW), here=True),
            SessionRow(created=seen, expires=moment(NOW + 9e5, NOW), here=False),
        ),
        once=Once(label=text, secret=text),
        versions=(("tbgateway", "1.0"), (text, text)),
    )


def examples(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of each page, with `text` wherever text goes."""
    reader = Reader(name=text, role=text, edits=True, administers=True, leaves=True)
    return {
        "members": _members(urls, text, reader),
        "member": _member(urls, text, reader, you=False),
        "member who reads this": _member(urls, text, reader, you=True),
        "delete member": DeleteMemberPage(urls=urls, reader=reader, member=_row(text)),
        "account": _account(urls, text, reader),
    }
