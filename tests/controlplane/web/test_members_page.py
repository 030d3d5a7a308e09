"""The pages about members, which are for admins."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import bcrypt
import pytest

from tbgateway.credentials.passwords import check_new_password, normalise
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Access, Board, LocalOperator, Role, SignedIn
from tbgateway.domain.names import BoardId

NOW = 1_795_420_800.0
ADA = SignedIn("ada", Role.ADMIN)
PASSWORD = "correct-horse-battery"
PATH = "/ui/members"


@pytest.fixture(autouse=True)
async def members(house: Any) -> Any:
    """Return the use cases with the admin ada and the viewer vera."""
    await house.means.members.create("ada", role=Role.ADMIN, password=PASSWORD)
    await house.means.members.create("vera", role=Role.VIEWER, password=PASSWORD)
    return house.means.members


def board(number: int, name: str, owner: str) -> Board:
    return Board(
        id=BoardId(f"tb{number:010x}"),
        name=name,
        owner=owner,
        access=Access.MEMBERS,
        created_at=NOW,
    )


def secret_in(page: str) -> str:
    """Return the secret that a page shows this once."""
    (found,) = re.findall(r'id="once" readonly value="([^"]+)"', page)
    return str(found)


Fits = Callable[[str, str], Awaitable[bool]]


@pytest.fixture
def fits(house: Any) -> Fits:
    """Return a function that tells whether a password is a member's."""

    async def check(name: str, password: str) -> bool:
        hashed = house.store.members[name].password_hash
        return bcrypt.checkpw(normalise(password), hashed.encode())

    return check


async def test_members_are_listed_with_what_is_theirs(house: Any, ask: Any, members: Any) -> None:
    await members.create_token(ADA, "vera", label="nightly", lifetime=None)
    async with house.store.transaction() as tx:
        tx.put(board(1, "one", "ada"), board(2, "two", "ada"))

    page = (await ask(PATH, identity=ADA)).text

    rows = re.findall(r'name=(\w+)">\1</a>(?: <span class="quiet">(you)</span>)?', page)
    assert rows == [("ada", "you"), ("vera", "")]
    numbers = re.findall(r'data-label="(Boards|Tokens)" class="number"><div>(\d+)', page)
    assert numbers == [("Boards", "2"), ("Tokens", "0"), ("Boards", "0"), ("Tokens", "1")]


async def test_a_member_is_made_with_the_password_that_was_typed(
    ask: Any, members: Any, fits: Fits
) -> None:
    form = {"name": "grace", "role": "editor", "password": " spaces count "}
    answer = await ask(f"{PATH}/create", identity=ADA, form=form)
    assert answer.headers["Location"] == "../../ui/members?created=grace"
    assert members.find("grace").role is Role.EDITOR
    assert await fits("grace", " spaces count ")
    page = (await ask(PATH, identity=ADA, query="created=grace")).text
    assert "grace is a member now." in page


async def test_without_one_a_password_is_made_up_and_shown_in_this_answer_only(
    ask: Any, fits: Fits
) -> None:
    form = {"name": "grace", "role": "viewer", "password": ""}
    answer = await ask(f"{PATH}/create", identity=ADA, form=form)
    secret = secret_in(answer.text)
    assert check_new_password(secret)
    assert await fits("grace", secret)
    assert secret not in (await ask(PATH, identity=ADA)).text


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"name": "vera", "role": "viewer"}, 409, ""),
        ({"name": "v e r a", "role": "viewer"}, 422, ""),
        ({"name": "local", "role": "viewer"}, 422, ""),
        ({"name": "grace", "role": "king"}, 422, ""),
        ({"name": "grace", "role": "viewer", "password": "short"}, 422, "password-error"),
    ],
)
async def test_a_refused_member_is_said_and_no_password_comes_back(
    ask: Any, members: Any, form: dict[str, str], status: int, error: str
) -> None:
    answer = await ask(f"{PATH}/create", identity=ADA, form=form)
    assert answer.status == status
    assert f'value="{form["name"]}"' in answer.text
    assert error in answer.text
    assert "short" not in answer.text.replace("too short", "")
    assert "readonly" not in answer.text
    assert {one.name for one in members.list()} == {"ada", "vera"}


@pytest.mark.parametrize("query", ["created=nobody", "deleted=vera", "created=", "x=1"])
async def test_a_notice_says_nothing_that_is_not_true(ask: Any, members: Any, query: str) -> None:
    assert members.list()
    assert 'class="notice"' not in (await ask(PATH, identity=ADA, query=query)).text


async def test_a_password_is_set_and_the_old_one_dies(ask: Any, members: Any, fits: Fits) -> None:
    form = {"member": "vera", "password": "another-password"}
    answer = await ask(f"{PATH}/set-password", identity=ADA, form=form)
    assert answer.headers["Location"] == "../../ui/members/member?name=vera&changed=1"
    assert await fits("vera", "another-password")
    assert not await fits("vera", PASSWORD)
    page = (await ask(f"{PATH}/member", identity=ADA, query="name=vera&changed=1")).text
    assert "The password was changed." in page
    made_up = await ask(f"{PATH}/set-password", identity=ADA, form={"member": "vera"})
    assert await fits("vera", secret_in(made_up.text))
    assert members.find("vera").credential_generation == 2


async def test_ones_own_password_is_changed_where_the_current_one_is_asked_for(
    ask: Any, members: Any, fits: Fits
) -> None:
    page = (await ask(f"{PATH}/member", identity=ADA, query="name=ada")).text
    assert "set-password" not in page
    assert 'href="../../ui/account">your account' in page
    form = {"member": "ada", "password": "another-password"}
    answer = await ask(f"{PATH}/set-password", identity=ADA, form=form)
    assert answer.status == 403
    assert await fits("ada", PASSWORD)
    assert members.find("ada").credential_generation == 0


async def test_the_tokens_of_a_member_are_made_and_deleted(ask: Any, members: Any) -> None:
    form = {"member": "vera", "label": "nightly", "lifetime": "30", "own-password": PASSWORD}
    answer = await ask(f"{PATH}/create-token", identity=ADA, form=form)
    (token,) = members.list_tokens(ADA)
    assert secret_in(answer.text).startswith(f"tbg_{token.id}_")
    assert (token.member, token.label) == ("vera", "nightly")
    assert token.expires_at == pytest.approx(token.created_at + 30 * 86_400)
    gone = await ask(
        f"{PATH}/delete-token", identity=ADA, form={"member": "vera", "token": token.id}
    )
    assert gone.headers["Location"] == "../../ui/members/member?name=vera&token-deleted=1"
    assert not members.list_tokens(ADA)


@pytest.mark.parametrize("member", ["ada", "vera"])
async def test_an_admins_session_alone_makes_no_token_for_anybody(
    ask: Any, members: Any, member: str
) -> None:
    form = {"member": member, "label": "nightly", "lifetime": "never"}
    answer = await ask(f"{PATH}/create-token", identity=ADA, form=form)
    assert answer.status == 422
    assert 'id="own-password-error"' in answer.text
    assert not members.list_tokens(ADA)


async def test_the_operator_has_no_password_to_confirm_a_token_with(ask: Any, members: Any) -> None:
    operator = LocalOperator(0)
    page = await ask(f"{PATH}/member", identity=operator, query="name=vera")
    assert "own-password" not in page.text
    form = {"member": "vera", "label": "nightly", "lifetime": "30"}
    answer = await ask(f"{PATH}/create-token", identity=operator, form=form)
    (token,) = members.list_tokens(operator)
    assert secret_in(answer.text).startswith(f"tbg_{token.id}_")


async def test_the_question_before_deleting_says_what_becomes_of_boards_and_tokens(
    house: Any, ask: Any, members: Any
) -> None:
    await members.create_token(ADA, "vera", label="nightly", lifetime=None)
    async with house.store.transaction() as tx:
        tx.put(board(1, "one", "vera"), board(2, "two", "vera"))
    page = (await ask(f"{PATH}/delete", identity=ADA, query="name=vera")).text
    assert "Delete vera?" in page
    assert "2 boards become yours" in page
    assert "the API token and all open sessions stop working at once" in page
    assert members.find("vera")

    answer = await ask(f"{PATH}/delete", identity=ADA, form={"member": "vera"})

    assert answer.headers["Location"] == "../../ui/members?deleted=vera"
    assert [one.name for one in members.list()] == ["ada"]
    assert {one.owner for one in house.store.boards.values()} == {"ada"}
    page = (await ask(PATH, identity=ADA, query="deleted=vera")).text
    assert "The member was deleted." in page


async def test_the_last_admin_stays_and_it_is_said(ask: Any, members: Any) -> None:
    answer = await ask(f"{PATH}/delete", identity=ADA, form={"member": "ada"})
    assert answer.status == 409
    assert "is the last admin" in answer.text
    assert members.find("ada")


@pytest.mark.parametrize("path", ["member", "delete"])
async def test_who_is_no_member_has_no_page(ask: Any, members: Any, path: str) -> None:
    assert members.list()
    with pytest.raises(NotFoundError, match="There is no member"):
        await ask(f"{PATH}/{path}", identity=ADA, query="name=nobody")


async def test_a_member_whose_name_is_two_dots_has_a_page_too(ask: Any, members: Any) -> None:
    await members.create("..", role=Role.VIEWER, password=PASSWORD)
    page = (await ask(PATH, identity=LocalOperator(0))).text
    assert 'href="../ui/members/member?name=.."' in page
    assert "<h1" in (await ask(f"{PATH}/member", identity=ADA, query="name=..")).text
