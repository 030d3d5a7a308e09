"""Accounts, their passwords and their tokens."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from house import ADA, CHEAP, CHIEF, OPERATOR, VERA, House, opened, snapshot

from tbgateway.boards import Entry
from tbgateway.credentials.tokens import digest_of, matches
from tbgateway.credentials.verifier import Verifier
from tbgateway.domain.errors import (
    ConflictError,
    DeniedError,
    InvalidInputError,
    NameTakenError,
    NotFoundError,
)
from tbgateway.domain.model import Anonymous, Identity, Member, Role, Visitor
from tbgateway.domain.names import BoardId
from tbgateway.members import who

SECRET = "a-long-secret"
VISITOR = Visitor(BoardId("tb0000000001"), "ada")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Ada edits, Vera looks, Chief is the only admin."""
    async with opened(tmp_path, House) as house:
        for identity in (ADA, CHIEF, VERA):
            await house.members.create(identity.name, role=identity.role, password=SECRET)
        yield house


@pytest.fixture
async def empty_house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, House) as house:
        yield house


async def fits(member: Member, password: str) -> bool:
    verifier = Verifier(rounds=CHEAP)
    try:
        return await verifier.verify("x", "x", password.encode(), member.password_hash)
    finally:
        verifier.close()


# --- members


async def test_members_are_listed_by_name_and_found(house: House) -> None:
    assert [(one.name, one.role) for one in house.members.list()] == [
        ("ada", Role.EDITOR),
        ("chief", Role.ADMIN),
        ("vera", Role.VIEWER),
    ]
    assert await fits(house.members.find("ada"), SECRET)
    assert SECRET not in repr(house.members.list())
    for name in ("bob", "", "Ada"):
        with pytest.raises(NotFoundError, match="There is no member") as refused:
            house.members.find(name)
        assert refused.value.command == "tbgateway member list"


async def test_of_many_who_want_a_name_one_gets_it(house: House) -> None:
    made = await asyncio.gather(
        *(house.members.create("bob", role=Role.VIEWER, password=SECRET) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Member) for one in made) == 1
    refused = next(one for one in made if isinstance(one, NameTakenError))
    assert "tbgateway member set-password bob" in refused.command


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ü", "x" * 65, "local", "nobody"])
async def test_a_name_that_cannot_be_a_members_is_refused(house: House, name: str) -> None:
    before = snapshot(house.store)
    with pytest.raises(InvalidInputError, match="cannot be a"):
        await house.members.create(name, role=Role.VIEWER, password=SECRET)
    assert snapshot(house.store) == before


@pytest.mark.parametrize("password", ["", "s3cret", "x" * 73, "with\x00nothing"])
async def test_a_weak_password_changes_nothing(house: House, password: str) -> None:
    before = snapshot(house.store)
    with pytest.raises(InvalidInputError, match="cannot be a password") as refused:
        await house.members.create("bob", role=Role.VIEWER, password=password)
    assert not password or password not in f"{refused.value.detail} {refused.value.hint}"
    with pytest.raises(InvalidInputError):
        await house.members.set_password(ADA, "ada", password)
    assert snapshot(house.store) == before


async def test_a_deleted_member_takes_tokens_along_and_leaves_the_boards_to_who_deleted_it(
    house: House,
) -> None:
    await house.boards.create(ADA, "vision", (), Entry())
    await house.members.create_token(ADA, "ada", label="ci", lifetime=None)
    kept = await house.members.create_token(VERA, "vera", label="ci", lifetime=None)
    await house.members.delete(CHIEF, "ada")
    assert set(house.store.tokens) == {kept.token.id}
    assert house.boards.find("vision", CHIEF).owner == "chief"
    with pytest.raises(NotFoundError):
        await house.members.delete(CHIEF, "ada")


async def test_the_last_admin_stays(house: House) -> None:
    with pytest.raises(ConflictError, match="'chief' is the last admin") as refused:
        await house.members.delete(CHIEF, "chief")
    assert "--role admin" in refused.value.command
    await house.members.create("second", role=Role.ADMIN, password=SECRET)
    await house.members.delete(CHIEF, "chief")
    with pytest.raises(ConflictError):
        await house.members.delete(CHIEF, "second")


async def test_two_admins_cannot_delete_each_other_at_once(house: House) -> None:
    await house.members.create("second", role=Role.ADMIN, password=SECRET)
    ends = await asyncio.gather(
        *(house.members.delete(CHIEF, name) for name in ("chief", "second")), return_exceptions=True
    )
    assert [type(end) for end in ends].count(ConflictError) == 1
    assert sum(one.role is Role.ADMIN for one in house.members.list()) == 1


# --- passwords


@pytest.mark.parametrize("identity", [VERA, CHIEF, OPERATOR])
async def test_a_password_is_changed_by_oneself_or_an_admin(
    house: House, identity: Identity
) -> None:
    changed = await house.members.set_password(identity, "vera", "another-secret")
    assert changed == house.members.find("vera")
    assert (changed.role, changed.credential_generation) == (Role.VIEWER, 1)
    assert await fits(changed, "another-secret")
    assert not await fits(changed, SECRET)
    again = await house.members.set_password(identity, "vera", "another-secret")
    assert again.credential_generation == 2


@pytest.mark.parametrize("identity", [ADA, VERA, VISITOR, Anonymous()])
async def test_nobody_changes_the_password_of_somebody_else(
    house: House, identity: Identity
) -> None:
    before = snapshot(house.store)
    with pytest.raises(DeniedError, match="Only 'chief' or an admin"):
        await house.members.set_password(identity, "chief", "another-secret")
    with pytest.raises(DeniedError):  # nor hears whether there is such a member
        await house.members.set_password(identity, "bob", "another-secret")
    assert snapshot(house.store) == before


async def test_an_admin_hears_that_there_is_no_such_member(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.members.set_password(CHIEF, "bob", "another-secret")


# --- tokens


async def test_a_token_is_shown_once_and_kept_as_a_digest(house: House) -> None:
    made = await house.members.create_token(ADA, "ada", label="ci", lifetime=60.0)
    assert made.token.expires_at == made.token.created_at + 60.0
    token_id, digest = digest_of(made.secret) or ("", "")
    assert token_id == made.token.id
    assert matches(house.store.tokens[token_id], digest)
    assert made.secret not in repr(snapshot(house.store))


async def test_a_token_without_a_lifetime_does_not_expire(house: House) -> None:
    made = await house.members.create_token(ADA, "ada", label="ci", lifetime=None)
    assert made.token.expires_at is None


async def test_members_see_their_own_tokens_and_admins_all(house: House) -> None:
    for member, label in (("vera", "1"), ("ada", "2"), ("vera", "3")):
        await house.members.create_token(CHIEF, member, label=label, lifetime=None)

    def labels(identity: Identity) -> list[str]:
        return [token.label for token in house.members.list_tokens(identity)]

    assert labels(CHIEF) == labels(OPERATOR) == ["2", "1", "3"]
    assert labels(VERA) == ["1", "3"]
    assert labels(ADA) == ["2"]
    assert labels(VISITOR) == labels(Anonymous()) == []


async def test_a_token_for_somebody_else_is_an_admins_to_make(house: House) -> None:
    for identity in (ADA, VISITOR, Anonymous()):
        with pytest.raises(DeniedError):
            await house.members.create_token(identity, "vera", label="ci", lifetime=None)
    with pytest.raises(NotFoundError):
        await house.members.create_token(OPERATOR, "bob", label="ci", lifetime=None)
    assert not house.store.tokens


async def test_a_token_is_deleted_by_who_sees_it(house: House) -> None:
    first, second, third = [
        (await house.members.create_token(VERA, "vera", label="ci", lifetime=None)).token
        for _ in range(3)
    ]
    for identity in (ADA, VISITOR, Anonymous()):
        with pytest.raises(NotFoundError, match="There is no token"):
            await house.members.delete_token(identity, first.id)
    await house.members.delete_token(VERA, first.id)
    await house.members.delete_token(CHIEF, second.id)
    assert house.members.list_tokens(VERA) == (third,)
    with pytest.raises(NotFoundError):
        await house.members.delete_token(VERA, first.id)


# --- the first admin


async def test_the_first_admin_gets_a_password_that_is_told_once(empty_house: House) -> None:
    members = empty_house.members
    password = await members.ensure_admin(None)
    assert password is not None
    (admin,) = members.list()
    assert (admin.name, admin.role) == ("admin", Role.ADMIN)
    assert await fits(admin, password)
    assert await members.ensure_admin(None) is None
    assert await members.ensure_admin("another-secret") is None
    assert members.list() == (admin,)


async def test_the_first_admins_password_can_be_given(empty_house: House) -> None:
    assert await empty_house.members.ensure_admin(SECRET) is None
    assert await fits(empty_house.members.find("admin"), SECRET)


@pytest.mark.parametrize("password", ["", "short"])
async def test_a_password_that_is_given_and_weak_is_not_replaced_by_another(
    empty_house: House, password: str
) -> None:
    with pytest.raises(InvalidInputError):
        await empty_house.members.ensure_admin(password)
    assert not empty_house.members.list()


async def test_a_house_with_members_gets_no_admin_by_itself(house: House) -> None:
    before = snapshot(house.store)
    assert await house.members.ensure_admin(None) is None
    assert snapshot(house.store) == before


@pytest.mark.parametrize(
    ("identity", "name"),
    [(ADA, "ada"), (OPERATOR, "local"), (VISITOR, "nobody"), (Anonymous(), "nobody")],
)
def test_records_name_who_acted(identity: Identity, name: str) -> None:
    assert who(identity) == name


# --- staying


async def test_a_ticket_is_good_until_the_password_changes(house: House) -> None:
    ticket = house.members.ticket(ADA, None)
    assert ticket is not None
    assert house.members.honours(ticket)
    await house.members.set_password(ADA, "ada", "another-long-secret")
    assert not house.members.honours(ticket)


async def test_a_ticket_is_of_the_password_that_was_checked_not_of_a_newer_one(
    house: House,
) -> None:
    await house.members.set_password(ADA, "ada", "another-long-secret")
    late = house.members.ticket(ADA, None)
    assert late is not None
    assert not house.members.honours(late)
    ticket = house.members.ticket(replace(ADA, credential_generation=1), None)
    assert ticket is not None
    assert house.members.honours(ticket)


async def test_a_ticket_of_a_token_is_good_as_long_as_the_token(house: House) -> None:
    made = await house.members.create_token(ADA, "ada", label="t", lifetime=60.0)
    ticket = house.members.ticket(ADA, made.token.id)
    assert ticket is not None
    await house.members.set_password(ADA, "ada", "another-long-secret")
    assert house.members.honours(ticket)
    house.clock.ahead += 61.0
    assert not house.members.honours(ticket)
    house.clock.ahead -= 61.0
    await house.members.delete_token(ADA, made.token.id)
    assert not house.members.honours(ticket)


async def test_a_ticket_is_no_good_for_somebody_else_of_the_same_name(house: House) -> None:
    ticket = house.members.ticket(VERA, None)
    assert ticket is not None
    await house.members.delete(CHIEF, "vera")
    assert not house.members.honours(ticket)
    await house.members.create("vera", role=Role.EDITOR, password=SECRET)
    assert not house.members.honours(ticket)


async def test_a_member_who_is_gone_gets_a_ticket_that_is_no_good(house: House) -> None:
    await house.members.delete(CHIEF, "vera")
    ticket = house.members.ticket(VERA, None)
    assert ticket is not None
    assert not house.members.honours(ticket)


async def test_the_operator_needs_no_ticket(house: House) -> None:
    assert house.members.ticket(OPERATOR, None) is None
