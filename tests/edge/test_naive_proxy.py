"""The same cases against a proxy as one would write it at first: they are no proof of nothing."""

from collections.abc import Iterable

from edge_cases import framing, heads, paths
from edge_cases.case import Case
from edge_cases.judging import misled
from edge_cases.naive_proxy import naive_edge


async def failing(cases: Iterable[Case]) -> list[str]:
    """Return which cases lead the naive proxy astray, by what reaches the server behind it."""
    async with naive_edge() as edge:
        return [case.name for case in cases if misled(case, await edge.try_(case))]


async def test_it_passes_plain_requests_on() -> None:
    """So what it fails, it does not fail because it is broken."""
    plain = (*framing.CONTROLS[:14], *heads.CONTROLS[:6], paths.CONTROLS[0], paths.CONTROLS[2])
    assert await failing(plain) == []


async def test_it_is_misled_by_framing() -> None:
    assert len(await failing((*framing.REFUSED, *heads.REFUSED))) >= 8


async def test_it_is_misled_by_paths() -> None:
    assert len(await failing((*paths.REFUSED, *paths.ELSEWHERE))) >= 50


async def test_it_lets_visitors_of_one_board_into_another() -> None:
    """Not only does it change paths: what was asked for with one password is another's."""
    async with naive_edge() as edge:
        leaks = [
            case.name
            for case in (*paths.REFUSED, *paths.ELSEWHERE)
            if any(one.board != "vision" for one in (await edge.try_(case)).arrived)
        ]
    assert len(leaks) >= 10


async def test_a_trailer_of_one_request_is_a_header_of_its_next() -> None:
    trailers = [one for one in framing.CONTROLS if one.name == "a trailer"]
    async with naive_edge() as edge:
        outcome = await edge.try_(trailers[0])
    assert [b"X-Sum: 1" in one.raw for one in outcome.arrived] == [False, True]
