"""Members who sign in and out, on a real store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tbgateway.credentials.authorization import Basic
from tbgateway.credentials.password_check import PasswordCheck
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.domain.errors import TooManyRequestsError, UnauthenticatedError
from tbgateway.domain.model import Member, Role, SignedIn
from tbgateway.members import Members
from tbgateway.sessions import REALM, Sessions
from tbgateway.store import Store

CHIEF = SignedIn("chief", Role.ADMIN)
CLIENT = "192.0.2.7"
LIFETIME = 1000.0
DAY = 86_400.0


def typed(name: str, password: str | None = None) -> Basic:
    return Basic(name, ((password or f"the-{name}-password").encode(),))


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class House:
    """A store with the members chief, ada and vera."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = Clock()
        self.members = Members(store, rounds=4, clock=self.clock)
        self.verifier = Verifier(threads=1, rounds=4)
        self.sessions = self.remade(store)

    def remade(self, store: Store) -> Sessions:
        passwords = PasswordCheck(self.verifier, Throttle("5/minute"))
        return Sessions(store, passwords, lifetime=LIFETIME, clock=self.clock)

    async def sign_in(self, name: str, *former: str) -> str:
        return (await self.sessions.sign_in(CLIENT, typed(name), former)).secret

    def let_in(self, *secrets: str) -> list[str]:
        return [session.member for session in self.sessions.valid(secrets)]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(Store.open(tmp_path / "state" / "gateway.db"))
    for name, role in (("chief", Role.ADMIN), ("ada", Role.EDITOR), ("vera", Role.VIEWER)):
        await house.members.create(name, role=role, password=f"the-{name}-password")
    yield house
    house.verifier.close()
    await house.store.close()


async def test_a_member_who_signed_in_is_known_by_the_secret_alone(house: House) -> None:
    secret = await house.sign_in("ada")

    assert house.let_in(secret) == ["ada"]
    assert house.let_in() == house.let_in("", "nonsense", secret[:-1] + "x") == []
    assert house.let_in("nonsense", secret) == ["ada"]


async def test_a_secret_is_never_kept_nor_the_same_again(house: House) -> None:
    first, second = await house.sign_in("ada"), await house.sign_in("ada")

    assert first != second
    assert house.let_in(first, second) == ["ada", "ada"]
    told = repr(list(house.store.sessions.values()))
    assert not [one for one in (first, second) if one.rpartition("_")[2] in told]


async def test_an_id_with_another_secret_is_nobody(house: House) -> None:
    mine, yours = await house.sign_in("ada"), await house.sign_in("chief")

    mixed = f"{yours.rpartition('_')[0]}_{mine.rpartition('_')[2]}"

    assert house.let_in(mixed) == []


@pytest.mark.parametrize("name", ["ada", "nobody", "", "ADA", "x" * 500])
async def test_wrong_passwords_and_unknown_names_are_refused_alike(house: House, name: str) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        await house.sessions.sign_in(CLIENT, typed(name, "not-the-password"))

    assert refused.value.detail == "The user name and the password do not fit."
    assert not name or name not in refused.value.detail + refused.value.hint
    assert not house.store.sessions


async def test_every_attempt_costs_one_check_by_the_same_rules(house: House) -> None:
    asked: list[tuple[str, str, str | None]] = []
    verify = house.verifier.verify

    async def counting(subject: str, username: str, password: bytes, hashed: str | None) -> bool:
        asked.append((subject, username, hashed))
        return await verify(subject, username, password, hashed)

    house.verifier.verify = counting  # type: ignore[method-assign] # to count
    for name in ("ada", "nobody"):
        with pytest.raises(UnauthenticatedError):
            await house.sessions.sign_in(CLIENT, typed(name, "not-the-password"))

    hashed = house.members.find("ada").password_hash
    assert asked == [(f"{CLIENT} {REALM}", "ada", hashed), (f"{CLIENT} {REALM}", "nobody", None)]


async def test_guessing_is_slowed_down(house: House) -> None:
    for number in range(5):
        with pytest.raises(UnauthenticatedError):
            await house.sessions.sign_in(CLIENT, typed("ada", f"guess {number}"))

    with pytest.raises(TooManyRequestsError):
        await house.sign_in("ada")
    await house.sessions.sign_in("192.0.2.8", typed("ada"))


async def test_signing_out_ends_this_session_only(house: House) -> None:
    laptop, phone = await house.sign_in("ada"), await house.sign_in("ada")

    await house.sessions.sign_out(CLIENT, [laptop, "nonsense"])
    await house.sessions.sign_out(CLIENT, [laptop])

    assert house.let_in(laptop, phone) == ["ada"]
    assert house.let_in(laptop) == []


async def test_signing_in_again_ends_what_the_browser_showed_before(house: House) -> None:
    former, planted = await house.sign_in("ada"), await house.sign_in("vera")

    secret = await house.sign_in("ada", former, planted)

    assert house.let_in(former, planted, secret) == ["ada"]
    assert len(house.store.sessions) == 1


async def test_a_wrong_password_ends_nothing(house: House) -> None:
    former = await house.sign_in("ada")

    with pytest.raises(UnauthenticatedError):
        await house.sessions.sign_in(CLIENT, typed("ada", "not-the-password"), [former])

    assert house.let_in(former) == ["ada"]


async def test_a_session_dies_with_the_password_that_opened_it(house: House) -> None:
    secret, other = await house.sign_in("ada"), await house.sign_in("vera")

    await house.members.set_password(CHIEF, "ada", "another-long-secret")

    assert house.let_in(secret) == []
    assert house.let_in(other) == ["vera"]


async def test_a_session_goes_with_its_member_and_never_to_a_namesake(house: House) -> None:
    secret = await house.sign_in("ada")

    await house.members.delete(CHIEF, "ada")
    assert not house.store.sessions
    await house.members.create("ada", role=Role.ADMIN, password="the-ada-password")

    assert house.let_in(secret) == []


async def test_a_session_ends_when_its_time_is_over(house: House) -> None:
    secret = await house.sign_in("ada")

    house.clock.now += LIFETIME - 1
    assert house.let_in(secret) == ["ada"]
    house.clock.now += 1
    assert house.let_in(secret) == []


async def test_a_session_outlives_a_restart(house: House, tmp_path: Path) -> None:
    secret = await house.sign_in("ada")
    await house.store.close()

    store = Store.open(tmp_path / "state" / "gateway.db")

    assert [one.member for one in house.remade(store).valid([secret])] == ["ada"]
    await store.close()


async def test_signing_in_clears_away_what_no_longer_counts(house: House) -> None:
    await house.sign_in("vera")
    house.clock.now += LIFETIME + 2 * DAY
    await house.sign_in("ada")
    await house.members.set_password(CHIEF, "ada", "the-ada-password")

    secret = await house.sign_in("ada")

    assert len(house.store.sessions) == 1
    assert house.let_in(secret) == ["ada"]


async def test_a_clock_that_comes_back_finds_every_session_there(house: House) -> None:
    secret = await house.sign_in("vera")
    house.clock.now += DAY
    await house.sign_in("ada")
    assert house.let_in(secret) == []
    house.clock.now -= DAY

    assert house.let_in(secret) == ["vera"]


async def test_of_too_many_sessions_the_oldest_go(house: House) -> None:
    others = await house.sign_in("vera")
    secrets = []
    for _ in range(52):
        house.clock.now += 1
        secrets.append(await house.sign_in("ada"))

    assert len(house.store.sessions_of("ada")) == 50
    assert house.let_in(*secrets[:2]) == []
    assert house.let_in(secrets[2], others) == ["ada", "vera"]


async def test_who_changed_meanwhile_is_not_let_in_as_before(house: House) -> None:
    before = house.members.find("ada")
    await house.members.set_password(CHIEF, "ada", "another-long-secret")
    gone = Member(name="gone", role=Role.ADMIN, password_hash="", created_at=0.0)

    for member in (before, gone, replace(before, name="vera", credential_generation=9)):
        with pytest.raises(UnauthenticatedError):
            await house.sessions.open(member)

    assert not house.store.sessions


async def test_the_log_tells_who_came_and_left_but_no_secret(house: House) -> None:
    with capture_logs() as logs:
        secret = await house.sign_in("ada")
        await house.sessions.sign_out(CLIENT, [secret])
        with pytest.raises(UnauthenticatedError):
            await house.sessions.sign_in(CLIENT, typed("a-password-typed-as-a-name", "x"))

    assert logs == [
        {"event": "signed in", "member": "ada", "client": CLIENT, "log_level": "info"},
        {"event": "signed out", "member": "ada", "client": CLIENT, "log_level": "info"},
    ]
