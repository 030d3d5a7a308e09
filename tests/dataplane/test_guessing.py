"""How far one gets by guessing, and what the refusals tell."""

import asyncio

import pytest
from small_gateway import StartGateway
from small_house import basic

from tbgateway.dataplane.origins import Origins


@pytest.mark.parametrize("last", ["vision-user", "vera", "nobody", "audio-user"])
@pytest.mark.parametrize("path", ["/boards/vision/", "/boards/audio/", "/boards/unheard-of/", "/"])
async def test_after_too_many_failures_every_name_is_refused_alike_everywhere(
    start_gateway: StartGateway, path: str, last: str
) -> None:
    """Else whoever guesses would learn from the refusals which names a board knows."""
    gateway = await start_gateway(throttle="3/minute")

    for number in range(3):
        wrong = basic(f"random-{number}", "wrong")
        assert (await gateway.ask("/boards/vision/", auth=wrong)).status == 401
    refused = await gateway.ask(path, auth=basic(last, "wrong"))

    assert refused.status == 429
    assert int(refused.header("Retry-After")) > 0


async def test_a_right_password_is_not_found_by_guessing_on(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(throttle="3/minute")
    guesses = [basic("vision-user", f"wrong {number}") for number in range(5)]

    statuses = [(await gateway.ask("/boards/vision/", auth=one)).status for one in guesses]
    right = await gateway.ask("/boards/vision/", auth=basic("vision-user", "vision-password"))

    assert statuses == [401, 401, 401, 429, 429]
    assert right.status == 429


async def test_guesses_at_once_are_throttled_like_those_in_a_row(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(throttle="5/minute")
    guesses = [basic("vision-user", f"guess {number}") for number in range(60)]

    replies = await asyncio.gather(*(gateway.ask("/boards/vision/", auth=one) for one in guesses))

    statuses = [reply.status for reply in replies]
    assert (statuses.count(401), statuses.count(429)) == (5, 55)


async def test_valid_tokens_are_not_throttled_for_what_others_did(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(throttle="2/minute")

    async def status(auth: str) -> int:
        return (await gateway.ask("/api/v1/boards", auth=auth)).status

    wrong = [await status(basic("ada", f"wrong {number}")) for number in range(3)]

    assert wrong == [401, 401, 429]
    assert await status(f"Bearer {gateway.tokens['ada']}") == 200
    assert await status("Bearer tbg_0123456789_wrong") == 401


async def test_a_script_with_an_old_token_keeps_nobody_out(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(throttle="2/minute")

    replies = [await gateway.ask("/", auth="Bearer tbg_wrong") for _ in range(9)]

    assert {reply.status for reply in replies} == {401}
    assert (await gateway.ask("/", auth=basic("ada", "ada-password"))).status == 200


async def test_a_tab_that_repeats_an_old_password_keeps_nobody_out(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(throttle="2/minute")
    old = basic("vision-user", "changed-meanwhile")

    replies = [await gateway.ask("/boards/vision/", auth=old) for _ in range(9)]
    new = await gateway.ask("/boards/vision/", auth=basic("vision-user", "vision-password"))

    assert {reply.status for reply in replies} == {401}
    assert new.status == 200


async def test_other_clients_are_not_throttled(
    start_gateway: StartGateway, trusting: Origins
) -> None:
    gateway = await start_gateway(throttle="2/minute", origins=trusting)

    async def status(client: str, password: str) -> int:
        auth = basic("vision-user", password)
        reply = await gateway.ask("/boards/vision/", auth=auth, headers={"X-Forwarded-For": client})
        return reply.status

    for number in range(3):
        await status("192.0.2.1", f"wrong {number}")
        await status("2001:db8::1", f"wrong {number}")

    assert await status("192.0.2.1", "vision-password") == 429
    assert await status("2001:db8::2", "vision-password") == 429  # the same site
    assert await status("192.0.2.2", "vision-password") == 200
    assert await status("2001:db8:0:1::1", "vision-password") == 200


async def test_a_guesser_does_not_lock_out_who_signed_in_from_the_same_address(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(throttle="2/minute")
    right = basic("vision-user", "vision-password")
    wrong = [basic("vision-user", f"wrong {number}") for number in range(3)]

    assert (await gateway.ask("/boards/vision/", auth=right)).status == 200
    guesses = [(await gateway.ask("/boards/vision/", auth=one)).status for one in wrong]

    assert guesses == [401, 401, 429]
    assert (await gateway.ask("/boards/vision/", auth=right)).status == 200


async def test_passwords_for_any_board_count_as_guesses_of_members(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(throttle="2/minute")
    wrong = basic("ada", "wrong")

    for path in ("/boards/vision/", "/boards/unheard-of/", "/"):
        await gateway.ask(path, auth=wrong)

    assert (await gateway.ask("/boards/audio/", auth=wrong)).status == 429


async def test_good_logins_are_never_throttled(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(throttle="2/minute")
    good = basic("vision-user", "vision-password")

    replies = await asyncio.gather(*(gateway.ask("/boards/vision/", auth=good) for _ in range(9)))

    assert {reply.status for reply in replies} == {200}
