import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest

from tbgateway.credentials.authorization import Basic
from tbgateway.credentials.password_check import PasswordCheck
from tbgateway.credentials.passwords import hash_password
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.domain.errors import TooManyRequestsError

HASH = hash_password("a-right-password", 4)
RIGHT = Basic("ada", (b"a-right-password",))


def wrong(number: int) -> Basic:
    return Basic("ada", (f"wrong {number}".encode(),))


@pytest.fixture
async def check() -> AsyncIterator[PasswordCheck]:
    verifier = Verifier(threads=1, rounds=4)
    yield PasswordCheck(verifier, Throttle("3/minute"))
    verifier.close()


async def test_one_of_several_readings_has_to_fit(check: PasswordCheck) -> None:
    readings = Basic("ada", (b"a-wrong-reading", b"a-right-password"))

    assert await check.fits("192.0.2.1", "here", RIGHT, HASH)
    assert await check.fits("192.0.2.2", "here", readings, HASH)
    assert not await check.fits("192.0.2.2", "here", wrong(1), HASH)


async def test_nobodys_password_fits_nothing(check: PasswordCheck) -> None:
    assert not await check.fits("192.0.2.1", "here", RIGHT, None)


async def test_guesses_are_counted_wherever_they_are_made(check: PasswordCheck) -> None:
    for number, realm in enumerate(("here", "there", "elsewhere")):
        assert not await check.fits("192.0.2.1", realm, wrong(number), HASH)

    with pytest.raises(TooManyRequestsError):
        await check.fits("192.0.2.1", "here", wrong(4), HASH)
    assert await check.fits("192.0.2.2", "here", RIGHT, HASH)


async def test_the_same_wrong_password_is_one_guess(check: PasswordCheck) -> None:
    for _ in range(10):
        assert not await check.fits("192.0.2.1", "here", wrong(1), HASH)

    assert await check.fits("192.0.2.1", "here", RIGHT, HASH)


async def test_who_was_right_before_is_not_locked_out(check: PasswordCheck) -> None:
    assert await check.fits("192.0.2.1", "here", RIGHT, HASH)
    for number in range(3):
        await check.fits("192.0.2.1", "here", wrong(number), HASH)

    assert await check.fits("192.0.2.1", "here", RIGHT, HASH)


async def test_many_right_ones_at_once_wait_for_each_other(check: PasswordCheck) -> None:
    boards = [f"board {number}" for number in range(20)]
    assert all(await asyncio.gather(*(check.fits("192.0.2.1", one, RIGHT, HASH) for one in boards)))


async def test_many_wrong_ones_at_once_get_no_further_than_the_rate(check: PasswordCheck) -> None:
    tried = (check.fits("192.0.2.1", f"{one}", wrong(one), HASH) for one in range(20))
    verdicts = await asyncio.gather(*tried, return_exceptions=True)
    assert verdicts.count(False) == 3
    assert [type(one) for one in verdicts if one is not False] == [TooManyRequestsError] * 17


async def test_a_guess_that_is_never_decided_keeps_nobody_waiting_for_ever(
    check: PasswordCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.credentials.throttle._PATIENCE", 0.05)
    with ExitStack() as undecided:
        for guess in range(3):
            undecided.enter_context(check.throttle.trial("192.0.2.1", guess)).wrong = False
        with pytest.raises(TooManyRequestsError):
            await check.fits("192.0.2.1", "here", RIGHT, HASH)
    assert await check.fits("192.0.2.1", "here", RIGHT, HASH)
