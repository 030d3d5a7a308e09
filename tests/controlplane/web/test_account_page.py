"""The page about one's own account."""

import re
from typing import Any

import bcrypt
import pytest

import tbgateway
from tbgateway.credentials.password_check import PasswordCheck
from tbgateway.credentials.passwords import normalise
from tbgateway.credentials.throttle import Throttle
from tbgateway.domain.model import LocalOperator, Role, SignedIn

NOW = 1_795_420_800.0
VERA = SignedIn("vera", Role.VIEWER)
BOB = SignedIn("bob", Role.EDITOR)
PASSWORD = "correct-horse-battery"
NEW = "another-good-password"
PATH = "/ui/account"


@pytest.fixture(autouse=True)
async def members(house: Any) -> Any:
    """Return the use cases with two members."""
    for name, role in (("vera", Role.VIEWER), ("bob", Role.EDITOR)):
        await house.means.members.create(name, role=role, password=PASSWORD)
    return house.means.members


def change(**fields: str) -> dict[str, str]:
    return {"current": PASSWORD, "password": NEW, "again": NEW, **fields}


def fits(house: Any, name: str, password: str) -> bool:
    hashed = house.store.members[name].password_hash
    return bcrypt.checkpw(normalise(password), hashed.encode())


async def test_the_page_says_who_one_is_and_what_one_may_do(ask: Any) -> None:
    viewer = (await ask(PATH, identity=VERA)).text
    assert '<h1 id="account">vera</h1>' in viewer
    assert "A viewer: you look at boards." in viewer
    assert f"tbgateway {tbgateway.__version__}" in viewer
    assert "An editor" in (await ask(PATH, identity=BOB)).text


async def test_the_operator_has_neither_a_password_nor_tokens(ask: Any) -> None:
    page = (await ask(PATH, identity=LocalOperator(0))).text
    assert "You act without an account" in page
    assert "set-password" not in page
    for form in ("set-password", "create-token", "delete-token"):
        answer = await ask(f"{PATH}/{form}", identity=LocalOperator(0), form=change(label="x"))
        assert answer.status in {403, 404}


# --- the password


async def test_a_new_password_ends_all_other_sessions_and_this_browser_stays(
    house: Any, ask: Any, members: Any
) -> None:
    elsewhere = await house.means.sessions.open(members.find("vera"))

    answer = await ask(f"{PATH}/set-password", identity=VERA, form=change())

    assert answer.headers["Location"] == "../../ui/account?changed=1"
    assert fits(house, "vera", NEW)
    assert not house.means.sessions.valid([elsewhere.secret])
    (cookie,) = [one for one in answer.cookies.values() if one.value]
    assert house.means.sessions.valid([cookie.value])
    page = (await ask(PATH, identity=VERA, query="changed=1")).text
    assert "Your password was changed." in page
    assert 'href="#tokens"' not in page


async def test_who_changes_the_password_is_told_that_tokens_stay_and_where(
    ask: Any, members: Any
) -> None:
    await members.create_token(VERA, "vera", label="nightly", lifetime=None)
    page = (await ask(PATH, identity=VERA, query="changed=1")).text
    assert "API tokens go on working." in page
    assert '<a href="#tokens">Look at your API tokens</a>' in page
    assert 'id="tokens"' in page


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"current": "not the password"}, "current"),
        ({"current": ""}, "current"),
        ({"current": f"{PASSWORD} "}, "current"),
        ({"again": f"{NEW} "}, "again"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "", "again": ""}, "password"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_changes(
    house: Any, ask: Any, fields: dict[str, str], field: str
) -> None:
    answer = await ask(f"{PATH}/set-password", identity=VERA, form=change(**fields))
    assert answer.status == 422
    assert re.findall(r'id="(\w+)-error"', answer.text) == [field]
    assert NEW not in answer.text
    assert PASSWORD not in answer.text
    assert not answer.cookies
    assert fits(house, "vera", PASSWORD)


async def test_somebody_elses_password_does_not_count(ask: Any, house: Any, members: Any) -> None:
    await members.set_password(LocalOperator(0), "bob", "the-password-of-bob")
    form = change(current="the-password-of-bob", username="bob")
    assert (await ask(f"{PATH}/set-password", identity=VERA, form=form)).status == 422
    assert fits(house, "bob", "the-password-of-bob")


# --- tokens


async def test_a_token_is_shown_once_and_listed_then_without_its_secret(
    ask: Any, members: Any
) -> None:
    form = {"label": "nightly <b>", "lifetime": "never", "own-password": PASSWORD}
    answer = await ask(f"{PATH}/create-token", identity=VERA, form=form)
    (token,) = members.list_tokens(VERA)
    (secret,) = re.findall(r'id="once" readonly value="([^"]+)"', answer.text)
    assert secret.startswith(f"tbg_{token.id}_")
    assert (token.member, token.expires_at) == ("vera", None)
    page = (await ask(PATH, identity=VERA)).text
    assert "nightly &lt;b&gt;" in page
    assert token.id in page
    assert secret not in page


@pytest.mark.parametrize(
    "fields",
    [
        {"label": ""},
        {"label": "x" * 101},
        {"lifetime": "31"},
        {"lifetime": "-1"},
        {"lifetime": "nan"},
    ],
)
async def test_a_token_without_a_label_or_with_an_odd_lifetime_is_refused(
    ask: Any, members: Any, fields: dict[str, str]
) -> None:
    form = {"label": "nightly", "lifetime": "30", "own-password": PASSWORD, **fields}
    answer = await ask(f"{PATH}/create-token", identity=VERA, form=form)
    assert answer.status == 422
    assert not members.list_tokens(VERA)


@pytest.mark.parametrize("typed", [{}, {"own-password": ""}, {"own-password": "not the password"}])
async def test_a_session_alone_makes_no_token_that_would_outlive_it(
    ask: Any, members: Any, typed: dict[str, str]
) -> None:
    form = {"label": "nightly", "lifetime": "never", "current": PASSWORD, **typed}
    answer = await ask(f"{PATH}/create-token", identity=VERA, form=form)
    assert answer.status == 422
    assert re.findall(r'id="([\w-]+)-error"', answer.text) == ["own-password"]
    assert 'value="nightly"' in answer.text
    assert "not the password" not in answer.text
    assert not members.list_tokens(VERA)


async def test_guessing_at_the_token_form_is_throttled_like_at_the_sign_in(
    house: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = house.means.sessions._passwords.verifier
    passwords = PasswordCheck(verifier, Throttle("2/minute"))
    monkeypatch.setattr(house.means.sessions, "_passwords", passwords)
    told = []
    for guess in ("first guess", "second guess", "third guess"):
        form = {"label": "nightly", "lifetime": "30", "own-password": guess}
        told.append((await ask(f"{PATH}/create-token", identity=VERA, form=form)).status)
    assert told == [422, 422, 429]


async def test_a_form_without_a_lifetime_makes_no_token_that_lives_for_ever(
    ask: Any, members: Any
) -> None:
    form = {"label": "nightly", "own-password": PASSWORD}
    answer = await ask(f"{PATH}/create-token", identity=VERA, form=form)
    assert answer.status == 422
    assert not members.list_tokens(VERA)


async def test_only_ones_own_tokens_are_seen_and_deleted(ask: Any, members: Any) -> None:
    mine = (await members.create_token(VERA, "vera", label="mine", lifetime=None)).token
    theirs = (await members.create_token(BOB, "bob", label="theirs", lifetime=None)).token
    page = (await ask(PATH, identity=VERA)).text
    assert mine.id in page
    assert theirs.id not in page
    refused = await ask(f"{PATH}/delete-token", identity=VERA, form={"token": theirs.id})
    assert refused.status == 404
    done = await ask(f"{PATH}/delete-token", identity=VERA, form={"token": mine.id})
    assert done.headers["Location"] == "../../ui/account?token-deleted=1"
    assert members.list_tokens(VERA) == ()
    assert members.list_tokens(BOB) == (theirs,)


# --- sessions


async def test_signing_out_everywhere_ends_every_session_and_no_one_elses(
    house: Any, ask: Any, members: Any
) -> None:
    sessions = house.means.sessions
    mine = [await sessions.open(members.find("vera")) for _ in range(2)]
    theirs = await sessions.open(members.find("bob"))
    page = (await ask(PATH, identity=VERA)).text
    assert 'Signed in <span class="count">2</span>' in page

    answer = await ask(f"{PATH}/sign-out-everywhere", identity=VERA, form={})

    assert answer.headers["Location"] == "../../ui/sign-in"
    assert not sessions.valid([one.secret for one in mine])
    assert sessions.valid([theirs.secret])
    assert {one.value for one in answer.cookies.values()} == {"", "1"}
