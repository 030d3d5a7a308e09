import asyncio
import time
from contextlib import ExitStack, suppress

import pytest

from tbgateway.credentials import throttle as module
from tbgateway.credentials.throttle import Throttle
from tbgateway.domain.errors import TooManyRequestsError, UnavailableError


def fail(throttle: Throttle, times: int, client: str = "10.0.0.1") -> None:
    for number in range(times):
        with throttle.trial(client, number):
            pass


def succeed(throttle: Throttle, client: str = "10.0.0.1") -> None:
    with throttle.trial(client, "right") as trial:
        trial.wrong = False


def refused_for(throttle: Throttle) -> float:
    try:
        succeed(throttle)
    except TooManyRequestsError as error:
        return error.retry_after or 0.0
    return 0.0


def test_only_failures_count() -> None:
    throttle = Throttle("3/minute")

    for _ in range(100):
        succeed(throttle)


def test_many_guesses_at_once_get_no_further_than_one_after_the_other() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 1)

    with throttle.trial("10.0.0.1", "a"), throttle.trial("10.0.0.1", "b"):
        with pytest.raises(TooManyRequestsError) as refused:
            succeed(throttle)
        succeed(throttle, client="10.0.0.2")

    assert refused.value.retry_after == 1.0  # those two may turn out to be right
    with pytest.raises(TooManyRequestsError):
        succeed(throttle)


def test_guesses_that_turn_out_right_make_room_again() -> None:
    throttle = Throttle("2/minute")

    with throttle.trial("10.0.0.1", "a") as first, throttle.trial("10.0.0.1", "b") as second:
        first.wrong = second.wrong = False

    fail(throttle, 2)


def test_equal_guesses_at_the_same_time_are_one() -> None:
    throttle = Throttle("2/minute")

    with ExitStack() as stack:
        for _ in range(9):
            stack.enter_context(throttle.trial("10.0.0.1", "the same"))

    fail(throttle, 1)
    assert refused_for(throttle) > 0


def test_what_could_not_be_checked_does_not_count() -> None:
    throttle = Throttle("1/minute")

    with pytest.raises(UnavailableError), throttle.trial("10.0.0.1", "a"):
        raise UnavailableError("busy")

    succeed(throttle)


def test_a_guess_that_is_given_up_counts() -> None:
    """Its verdict may be computed all the same, and asked for later."""
    throttle = Throttle("1/minute")

    with pytest.raises(KeyboardInterrupt), throttle.trial("10.0.0.1", "a"):
        raise KeyboardInterrupt

    assert refused_for(throttle) > 0


def test_after_too_many_failures_a_client_has_to_wait() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3)

    with pytest.raises(TooManyRequestsError) as refused:
        succeed(throttle)

    assert refused.value.retry_after is not None
    assert 1 <= refused.value.retry_after <= 60


def test_another_client_is_not_affected() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3)

    succeed(throttle, client="10.0.0.2")


async def test_after_the_wait_the_client_may_try_again() -> None:
    throttle = Throttle("1/second")
    fail(throttle, 1)

    async with asyncio.timeout(30):
        while (wait := refused_for(throttle)) > 0:
            await asyncio.sleep(wait)

    succeed(throttle)


def test_the_addresses_of_one_ipv6_site_are_one_client() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3, client="2001:db8::1")

    with pytest.raises(TooManyRequestsError):
        succeed(throttle, client="2001:db8::ffff:2")
    succeed(throttle, client="2001:db8:0:1::1")


def test_an_ipv4_address_is_one_client_however_it_is_written() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3, client="::ffff:10.0.0.1")

    with pytest.raises(TooManyRequestsError):
        succeed(throttle)
    succeed(throttle, client="::ffff:10.0.0.2")


def test_a_client_need_not_have_an_address() -> None:
    throttle = Throttle("3/minute")
    fail(throttle, 3, client="unix:1000")

    succeed(throttle, client="")
    with pytest.raises(TooManyRequestsError):
        succeed(throttle, client="unix:1000")


def test_its_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_KEYS", 10)
    throttle = Throttle("3/minute")

    for number in range(100):
        fail(throttle, 1, client=f"10.0.0.{number}")

    assert len(throttle._wrong_at) == 10
    assert not throttle._being_tried


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="parse"):
        Throttle("often")


def test_guesses_that_were_not_let_through_are_counted() -> None:
    throttle = Throttle("2/minute")
    fail(throttle, 2)
    for client in ("10.0.0.1", "10.0.0.1", "10.0.0.2"):
        with suppress(TooManyRequestsError):
            succeed(throttle, client)
    assert throttle.refusals == 2


def test_a_refusal_names_the_way_that_no_wrong_password_closes() -> None:
    throttle = Throttle("1/minute")
    fail(throttle, 1)
    with pytest.raises(TooManyRequestsError) as refused:
        succeed(throttle)
    assert "on the gateway's own machine, as its user, needs no password" in refused.value.hint


def test_another_rate_counts_from_then_on_and_anew() -> None:
    throttle = Throttle("1/hour")
    with throttle.trial("192.0.2.1", "a"):
        pass
    throttle.allow("1/hour")  # the same: nothing is forgotten
    with pytest.raises(TooManyRequestsError), throttle.trial("192.0.2.1", "b"):
        pass

    throttle.allow("2/hour")

    for guess in "bc":
        with throttle.trial("192.0.2.1", guess):
            pass
    with pytest.raises(TooManyRequestsError), throttle.trial("192.0.2.1", "d"):
        pass


def test_wrong_passwords_count_for_as_long_as_the_rate_says() -> None:
    now = 0.0
    throttle = Throttle("2/minute", lambda: now)
    fail(throttle, 1)
    now = 30.0
    fail(throttle, 1)

    assert refused_for(throttle) == 30.0
    now = 60.0
    succeed(throttle)
    fail(throttle, 1)
    assert refused_for(throttle) == 30.0


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0])
def test_a_clock_that_is_set_locks_nobody_out_and_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    throttle, wall = Throttle("1/minute"), time.time
    fail(throttle, 1)
    monkeypatch.setattr(time, "time", lambda: wall() + jump)

    assert 1.0 <= refused_for(throttle) <= 60.0
