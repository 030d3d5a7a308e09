"""Who sees which boards, and who may change them."""

import pytest
from house import ADA, BOB, CHIEF, OPERATOR, VERA, House, snapshot

from tbgateway.boards import Entry
from tbgateway.domain.errors import DeniedError, NotFoundError
from tbgateway.domain.model import Access, Anonymous, Identity, Role, SignedIn, Visitor
from tbgateway.domain.names import BoardId

SECRET = Entry(username="guest", password="a-long-secret")


@pytest.fixture(autouse=True)
async def boards(house: House) -> None:
    """Three boards of Ada's, one per access."""
    await house.find("a", "b")
    await house.boards.create(ADA, "private", ["a"], SECRET)
    await house.boards.create(ADA, "shared", ["a"], Entry(access=Access.MEMBERS))
    await house.boards.create(ADA, "open", ["a"], Entry(access=Access.PUBLIC))


def listed(house: House, identity: Identity) -> list[str]:
    return [board.name for board in house.boards.list(identity)]


async def test_a_list_shows_what_somebody_may_look_at_by_name(house: House) -> None:
    everything = ["open", "private", "shared"]
    assert listed(house, ADA) == listed(house, CHIEF) == listed(house, OPERATOR) == everything
    assert listed(house, BOB) == listed(house, VERA) == ["open", "shared"]
    visitor = Visitor(house.boards.find("private", ADA).id, "guest")
    assert listed(house, visitor) == ["open", "private"]
    assert listed(house, Anonymous()) == ["open"]


async def test_a_board_that_must_not_be_seen_does_not_exist(house: House) -> None:
    board = house.boards.find("private", ADA)
    for identity in (BOB, VERA, Anonymous(), Visitor(BoardId("tb0000000000"), "guest")):
        for ref in ("private", board.id):
            with pytest.raises(NotFoundError) as unknown:
                house.boards.find(ref, identity)
            with pytest.raises(NotFoundError) as missing:
                house.boards.find("missing", identity)
            assert unknown.value.detail.replace(ref, "missing") == missing.value.detail
            assert unknown.value.hint == missing.value.hint


async def change(house: House, identity: Identity, name: str) -> None:
    """Try every change; each must be refused."""
    boards = house.boards
    for attempt in (
        boards.change_experiments(identity, name, add=["b"]),
        boards.change_experiments(identity, name, remove=["a"]),
        boards.change_experiments(identity, name, add=[str(house.home / "runs" / "new")]),
        boards.rename(identity, name, "mine"),
        boards.set_entry(identity, name, Entry(access=Access.PUBLIC)),
        boards.set_entry(identity, name, SECRET),
        boards.set_idle_timeout(identity, name, 60.0),
        boards.pause(identity, name),
        boards.start(identity, name),
        boards.delete(identity, name),
        boards.log(identity, name, 10),
    ):
        with pytest.raises((DeniedError, NotFoundError)) as refused:
            await attempt
        expected = NotFoundError if name == "private" else DeniedError
        assert type(refused.value) is expected


@pytest.mark.parametrize("name", ["private", "shared", "open"])
async def test_nobody_else_changes_a_board(house: House, name: str) -> None:
    house.write("new")
    before = snapshot(house.store)
    for identity in (BOB, VERA):
        await change(house, identity, name)
    assert snapshot(house.store) == before
    assert not await house.launcher.observe()


async def test_who_was_refused_hears_whom_to_ask(house: House) -> None:
    with pytest.raises(DeniedError, match="Only 'ada' or an admin") as refused:
        await house.boards.delete(BOB, "shared")
    assert "board create" in refused.value.command


async def test_a_visitor_looks_and_changes_nothing(house: House) -> None:
    board = house.boards.find("private", ADA)
    with pytest.raises(DeniedError):
        await house.boards.delete(Visitor(board.id, "guest"), board.id)


@pytest.mark.parametrize("identity", [ADA, CHIEF, OPERATOR])
async def test_owner_admins_and_operator_change_a_board_and_it_stays_the_owners(
    house: House, identity: Identity
) -> None:
    board = await house.boards.change_experiments(identity, "private", add=["b"], remove=["a"])
    await house.boards.set_entry(identity, "private", Entry(password="another-secret"))
    await house.boards.pause(identity, "private")
    await house.boards.start(identity, "private")
    assert (await house.boards.rename(identity, "private", "mine")).owner == "ada"
    assert await house.boards.log(identity, "mine", 1) == ""
    await house.boards.delete(identity, board.id)
    assert board.id not in house.store.boards


async def test_who_is_no_editor_any_more_looks_at_his_own_boards_only(house: House) -> None:
    ada = SignedIn("ada", Role.VIEWER)
    assert listed(house, ada) == ["open", "private", "shared"]
    with pytest.raises(DeniedError):
        await house.boards.delete(ada, "private")


async def test_the_operator_is_named_local(house: House) -> None:
    board = await house.boards.create(OPERATOR, "by-hand", (), SECRET)
    assert board.owner == "local"
    with pytest.raises(NotFoundError):
        house.boards.find("by-hand", ADA)
