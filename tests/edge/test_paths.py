"""With the password of one board, by whatever path: nothing but that board, byte by byte."""

import pytest
from edge_cases import paths
from edge_cases.case import Case
from edge_cases.edge import Edge
from edge_cases.judging import wrongs

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("case", paths.CONTROLS, ids=str)
async def test_a_boards_own_path_arrives_byte_by_byte(edge: Edge, case: Case) -> None:
    assert wrongs(case, await edge.try_(case)) == []


@pytest.mark.parametrize("case", paths.REFUSED, ids=str)
async def test_a_path_that_can_be_read_in_two_ways_is_refused(edge: Edge, case: Case) -> None:
    assert wrongs(case, await edge.try_(case)) == []


@pytest.mark.parametrize("case", paths.ELSEWHERE, ids=str)
async def test_another_name_is_another_name(edge: Edge, case: Case) -> None:
    assert wrongs(case, await edge.try_(case)) == []


@pytest.mark.parametrize("case", paths.PREFIXES, ids=str)
async def test_the_public_prefix_is_taken_off_once_and_only_as_it_is(
    edge: Edge, case: Case
) -> None:
    assert wrongs(case, await edge.try_(case)) == []
