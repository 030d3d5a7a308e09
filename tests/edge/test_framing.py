"""Requests whose length, or whose lines, two parties could read in two ways; plain ones beside."""

import pytest
from edge_cases import framing, heads
from edge_cases.case import Case
from edge_cases.edge import Edge
from edge_cases.judging import wrongs

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("case", [*framing.CONTROLS, *heads.CONTROLS], ids=str)
async def test_a_plain_request_arrives_byte_by_byte(edge: Edge, case: Case) -> None:
    assert wrongs(case, await edge.try_(case)) == []


@pytest.mark.parametrize("case", framing.REFUSED, ids=str)
async def test_a_doubtful_length_is_refused(edge: Edge, case: Case) -> None:
    assert wrongs(case, await edge.try_(case)) == []


@pytest.mark.parametrize("case", heads.REFUSED, ids=str)
async def test_a_doubtful_head_is_refused(edge: Edge, case: Case) -> None:
    assert wrongs(case, await edge.try_(case)) == []
