"""Who may look and who may change, as a complete table; whatever is not in it is denied."""

import pytest

from tbgateway.domain.access import has_role, may_change, may_look, may_see, sees_all
from tbgateway.domain.model import (
    Access,
    Anonymous,
    Board,
    Identity,
    LocalOperator,
    Role,
    SignedIn,
    Visitor,
)
from tbgateway.domain.names import BoardId

BOARD = BoardId("tb0000000001")
OTHER = BoardId("tb0000000002")

IDENTITIES: dict[str, Identity] = {
    "anonymous": Anonymous(),
    "its visitor": Visitor(BOARD, "vision"),
    "another board's visitor": Visitor(OTHER, "speech"),
    "a visitor named like the owner": Visitor(OTHER, "olga"),
    "viewer": SignedIn("vera", Role.VIEWER),
    "editor": SignedIn("ed", Role.EDITOR),
    "admin": SignedIn("ada", Role.ADMIN),
    "owner": SignedIn("olga", Role.EDITOR),
    "owner, now a viewer": SignedIn("olga", Role.VIEWER),
    "operator": LocalOperator(1000),
}
ALWAYS = {"admin", "operator"}
MAY_LOOK = {
    Access.PUBLIC: set(IDENTITIES),
    Access.MEMBERS: {"viewer", "editor", "owner", "owner, now a viewer", *ALWAYS},
    Access.PASSWORD: {"its visitor", "owner", "owner, now a viewer", *ALWAYS},
}
MAY_CHANGE = {"owner", *ALWAYS}


def board(access: Access) -> Board:
    return Board(id=BOARD, name="vision", owner="olga", access=access, created_at=0.0)


@pytest.mark.parametrize("who", IDENTITIES)
@pytest.mark.parametrize("access", Access)
def test_only_these_may_look(access: Access, who: str) -> None:
    assert may_look(IDENTITIES[who], board(access)) == (who in MAY_LOOK[access])


@pytest.mark.parametrize("who", IDENTITIES)
@pytest.mark.parametrize("access", Access)
def test_only_these_may_change_whoever_may_look(access: Access, who: str) -> None:
    assert may_change(IDENTITIES[who], board(access)) == (who in MAY_CHANGE)


@pytest.mark.parametrize("who", IDENTITIES)
@pytest.mark.parametrize("access", Access)
def test_whoever_may_change_may_look(access: Access, who: str) -> None:
    if may_change(IDENTITIES[who], board(access)):
        assert may_look(IDENTITIES[who], board(access))


@pytest.mark.parametrize("who", IDENTITIES)
@pytest.mark.parametrize("access", Access)
def test_who_may_look_or_change_may_know_of_it_and_nobody_else(access: Access, who: str) -> None:
    known = who in MAY_LOOK[access] or who in MAY_CHANGE
    assert may_see(IDENTITIES[who], board(access)) == known


def test_roles_include_the_lesser_ones() -> None:
    ranks = [Role.VIEWER, Role.EDITOR, Role.ADMIN]
    for index, role in enumerate(ranks):
        held = [has_role(SignedIn("ada", role), least) for least in ranks]
        assert held == [rank <= index for rank in range(3)]


def test_visitors_and_strangers_have_no_role() -> None:
    for who in (Anonymous(), Visitor(BOARD, "vision")):
        assert not any(has_role(who, least) for least in Role)
    assert all(has_role(LocalOperator(0), least) for least in Role)


@pytest.mark.parametrize("who", IDENTITIES)
def test_who_sees_all_may_see_each_board(who: str) -> None:
    assert sees_all(IDENTITIES[who]) == (who in ALWAYS)
    for access in Access:
        assert may_see(IDENTITIES[who], board(access)) or not sees_all(IDENTITIES[who])
