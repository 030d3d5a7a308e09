import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import bcrypt
import pytest

from tbgateway.credentials.passwords import hash_password
from tbgateway.credentials.verifier import Verifier
from tbgateway.domain.errors import UnavailableError

GOOD = b"correct horse"
HASH = hash_password(GOOD.decode(), rounds=4)


class Counter:
    """Counts real checks; they wait while the gate is closed."""

    def __init__(self, check: Callable[[bytes, bytes], bool]) -> None:
        self._check = check
        self.calls: list[bytes] = []
        self.hashes: list[bytes] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, password: bytes, hashed: bytes) -> bool:
        self.calls.append(password)
        self.hashes.append(hashed)
        assert self.gate.wait(60)
        return self._check(password, hashed)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    counter = Counter(bcrypt.checkpw)
    monkeypatch.setattr(bcrypt, "checkpw", counter)
    yield counter
    counter.gate.set()


@pytest.fixture
async def verifier(checks: Counter) -> AsyncIterator[Verifier]:
    verifier = Verifier(rounds=4)
    yield verifier
    checks.gate.set()
    verifier.close()


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def begun(checks: Counter, number: int) -> None:
    async with asyncio.timeout(30):
        while len(checks.calls) < number:
            await asyncio.sleep(0.001)


async def test_a_right_password_is_right_and_a_wrong_one_wrong(verifier: Verifier) -> None:
    assert await verifier.verify("vision", "user", GOOD, HASH)
    assert not await verifier.verify("vision", "user", b"wrong horse", HASH)


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
async def test_every_bcrypt_flavour_is_understood(prefix: str, verifier: Verifier) -> None:
    assert await verifier.verify("vision", "user", GOOD, prefix + HASH[4:])


@pytest.mark.parametrize("password", [GOOD, b"wrong horse"])
async def test_a_remembered_verdict_needs_no_check(
    password: bytes, verifier: Verifier, checks: Counter
) -> None:
    first = await verifier.verify("vision", "user", password, HASH)

    assert verifier.remembered("vision", "user", password, HASH) is first
    assert await verifier.verify("vision", "user", password, HASH) is first
    assert len(checks.calls) == 1


async def test_nothing_is_remembered_before_the_first_check(verifier: Verifier) -> None:
    assert verifier.remembered("vision", "user", GOOD, HASH) is None


async def test_a_changed_password_is_checked_anew(verifier: Verifier, checks: Counter) -> None:
    assert await verifier.verify("vision", "user", GOOD, HASH)

    assert not await verifier.verify("vision", "user", GOOD, hash_password("another one", rounds=4))
    assert len(checks.calls) == 2


async def test_an_old_verdict_is_checked_anew(checks: Counter) -> None:
    now = [0.0]
    verifier = Verifier(ttl=600.0, clock=lambda: now[0], rounds=4)
    await verifier.verify("vision", "user", GOOD, HASH)
    now[0] = 600.0

    assert await verifier.verify("vision", "user", GOOD, HASH)

    assert len(checks.calls) == 2
    verifier.close()


async def test_the_same_attempt_is_checked_once_at_a_time(
    verifier: Verifier, checks: Counter
) -> None:
    verdicts = await asyncio.gather(
        *(verifier.verify("vision", "user", GOOD, HASH) for _ in range(50))
    )

    assert verdicts == [True] * 50
    assert len(checks.calls) == 1


async def test_one_who_gives_up_does_not_take_the_verdict_from_the_others(
    verifier: Verifier, checks: Counter
) -> None:
    checks.gate.clear()
    first = asyncio.ensure_future(verifier.verify("vision", "user", GOOD, HASH))
    second = asyncio.ensure_future(verifier.verify("vision", "user", GOOD, HASH))
    await begun(checks, 1)

    first.cancel()
    await turns()
    checks.gate.set()

    assert await second
    assert first.cancelled()
    assert len(checks.calls) == 1


async def test_a_storm_on_one_board_keeps_no_other_board_from_its_turn(checks: Counter) -> None:
    verifier = Verifier(threads=1, queue=8, rounds=4)
    checks.gate.clear()
    storm = [
        asyncio.ensure_future(verifier.verify("vision", "user", b"guess %d" % number, HASH))
        for number in range(50)
    ]
    await begun(checks, 1)

    good = asyncio.ensure_future(verifier.verify("audio", "user", GOOD, HASH))
    await turns()
    checks.gate.set()

    assert await good
    refused = [
        error
        for error in await asyncio.gather(*storm, return_exceptions=True)
        if isinstance(error, UnavailableError)
    ]
    assert len(refused) == 50 - 1 - 4  # one had the thread, four half of the queue
    assert {error.retry_after for error in refused} == {1.0}
    assert checks.calls.index(GOOD) <= 2
    verifier.close()


async def test_whoever_gives_up_makes_room(checks: Counter) -> None:
    verifier = Verifier(threads=1, queue=4, rounds=4)
    checks.gate.clear()
    storm = [
        asyncio.ensure_future(verifier.verify("vision", "user", b"guess %d" % number, HASH))
        for number in range(3)
    ]
    await begun(checks, 1)
    with pytest.raises(UnavailableError):
        await asyncio.wait_for(verifier.verify("vision", "user", GOOD, HASH), timeout=30)

    storm[2].cancel()
    await turns()
    good = asyncio.ensure_future(verifier.verify("vision", "user", GOOD, HASH))
    await turns()
    checks.gate.set()

    assert await good
    await asyncio.gather(*storm, return_exceptions=True)
    assert b"guess 2" not in checks.calls
    verifier.close()


@pytest.mark.parametrize(
    ("password", "password_hash"),
    [
        (GOOD, None),
        (b"x" * 73, HASH),
        (GOOD, ""),
        (GOOD, "plain text"),
        (GOOD, "$2b$99$" + "." * 53),
        (GOOD, "$2b$04$short"),
        (GOOD, "$2b$04$\u00e4" + "." * 52),
        (b"", HASH),
        (b"nul\0byte", HASH),
    ],
)
async def test_what_cannot_be_right_is_wrong_and_takes_a_check(
    password: bytes, password_hash: str | None, verifier: Verifier, checks: Counter
) -> None:
    assert await verifier.verify("vision", "user", password, password_hash) is False
    assert checks.calls


async def test_a_password_of_72_bytes_is_not_cut(verifier: Verifier) -> None:
    hashed = hash_password("x" * 72, rounds=4)

    assert await verifier.verify("vision", "user", b"x" * 72, hashed)
    assert not await verifier.verify("vision", "user", b"x" * 73, hashed)


@pytest.mark.parametrize(
    ("password", "password_hash"), [(GOOD, None), (b"x" * 73, HASH), (GOOD, "plain text")]
)
async def test_somebody_who_does_not_exist_costs_a_whole_check(
    password: bytes, password_hash: str | None, checks: Counter
) -> None:
    verifier = Verifier(rounds=5)

    await verifier.verify("nobody", "user", password, password_hash)

    cost = checks.hashes[-1].split(b"$")[2]
    assert cost == b"05"
    verifier.close()


async def test_a_check_that_breaks_fails_its_waiters_and_holds_nobody_up(
    checks: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = Verifier(threads=1, rounds=4)
    checks.gate.clear()

    def check(password: bytes, hashed: bytes) -> bool:
        verdict = checks(password, hashed)
        if password == b"breaks":
            raise MemoryError
        return verdict

    monkeypatch.setattr(bcrypt, "checkpw", check)
    attempts = [
        asyncio.ensure_future(verifier.verify("vision", "user", password, HASH))
        for password in (b"breaks", b"breaks", GOOD)
    ]
    await begun(checks, 1)
    checks.gate.set()

    async with asyncio.timeout(30):
        first, second, good = await asyncio.gather(*attempts, return_exceptions=True)

    assert isinstance(first, MemoryError)
    assert isinstance(second, MemoryError)
    assert good is True
    verifier.close()


async def test_closing_refuses_what_waits_and_what_comes(checks: Counter) -> None:
    verifier = Verifier(threads=1, rounds=4)
    checks.gate.clear()
    waiting = [
        asyncio.ensure_future(verifier.verify("vision", "user", b"guess %d" % number, HASH))
        for number in range(3)
    ]
    await begun(checks, 1)

    verifier.close()

    for refused in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(refused, UnavailableError)
    with pytest.raises(UnavailableError):
        await verifier.verify("vision", "user", GOOD, HASH)
    checks.gate.set()
    await turns()


async def test_it_can_be_seen_how_many_checks_wait(verifier: Verifier, checks: Counter) -> None:
    checks.gate.clear()
    waiting = [
        asyncio.ensure_future(verifier.verify(f"subject {number}", "user", GOOD, HASH))
        for number in range(5)
    ]
    await begun(checks, 2)
    assert verifier.waiting == 3
    checks.gate.set()
    assert all(await asyncio.gather(*waiting))
    assert verifier.waiting == 0
