import asyncio

import pytest

from tbgateway.credentials import throttle as module
from tbgateway.credentials.throttle import Throttle
from tbgateway.domain.errors import TooManyRequestsError


def fail(throttle: Throttle, times: int, client: str = "10.0.0.1", subject: str = "vision") -> None:
    for _ in range(times):
        throttle.check(client, subject)
        throttle.failed(client, subject)


def refused_for(throttle: Throttle) -> float:
    try:
        throttle.check("10.0.0.1", "vision")
    except TooManyRequestsError as error:
        return error.retry_after or 0.0
    return 0.0


def test_only_failures_count() -> None:
    throttle = Throttle("3/minute")

    for _ in range(100):
        throttle.check("10.0.0.1", "vision")


def test_after_too_many_failures_a_client_has_to_wait() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3)

    with pytest.raises(TooManyRequestsError) as refused:
        throttle.check("10.0.0.1", "vision")

    assert refused.value.retry_after is not None
    assert 1 <= refused.value.retry_after <= 60


def test_another_client_and_another_subject_are_not_affected() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3)

    throttle.check("10.0.0.2", "vision")
    throttle.check("10.0.0.1", "audio")


async def test_after_the_wait_the_client_may_try_again() -> None:
    throttle = Throttle("1/second")
    fail(throttle, 1)

    async with asyncio.timeout(30):
        while (wait := refused_for(throttle)) > 0:
            await asyncio.sleep(wait)

    throttle.check("10.0.0.1", "vision")


def test_the_addresses_of_one_ipv6_site_are_one_client() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3, client="2001:db8::1")

    with pytest.raises(TooManyRequestsError):
        throttle.check("2001:db8::ffff:2", "vision")
    throttle.check("2001:db8:0:1::1", "vision")


def test_an_ipv4_address_is_one_client_however_it_is_written() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3, client="::ffff:10.0.0.1")

    with pytest.raises(TooManyRequestsError):
        throttle.check("10.0.0.1", "vision")
    throttle.check("::ffff:10.0.0.2", "vision")


def test_a_client_need_not_have_an_address() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3, client="unix:1000")

    throttle.check("", "vision")
    with pytest.raises(TooManyRequestsError):
        throttle.check("unix:1000", "vision")


def test_its_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_KEYS", 10)
    throttle = Throttle("3/minute")

    for number in range(100):
        fail(throttle, 1, client=f"10.0.0.{number}")

    storage = throttle._limiter.storage
    assert len(storage.events) == len(throttle._keys) == 10


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="parse"):
        Throttle("often")
