from collections.abc import AsyncIterator

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
