"""Whatever a board answers, everybody else gets the answer that is his."""

import pytest
from edge_cases import answering
from edge_cases.answering import Answering, Passes
from edge_cases.case import AFTER, get
from edge_cases.edge import Edge, talk
from edge_cases.judging import Told, answers

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEXT = b"vision got GET /after"


def cut_off(answered: bytes) -> bool:
    """Tell whether a client sees that the connection ended within the answer."""
    try:
        answers(answered)
    except ValueError:
        return NEXT not in answered
    return False


def told(case: Answering, answered: bytes) -> list[Told]:
    return answers(answered, (case.method,))


@pytest.mark.parametrize("case", answering.ALL, ids=str)
async def test_an_answer_ends_where_it_ends(edge: Edge, case: Answering) -> None:
    fields = b"" if case.method in {b"GET", b"HEAD"} else b"Content-Length: 0\r\n"
    edge.wire.answer, edge.wire.stays = case.raw, case.stays
    try:
        answered = await talk(edge.port, get(fields, method=case.method) + AFTER)
    finally:
        edge.wire.answer, edge.wire.stays = None, False
    somebody_else = answers(await talk(edge.port, AFTER))

    assert [one.body for one in somebody_else] == [NEXT]
    if isinstance(case.expected, Passes):
        first, *rest = told(case, answered)
        assert (first.status, first.body) == (case.expected.status, case.expected.body)
        assert [one.body for one in rest] == [NEXT]
    elif not cut_off(answered):
        first, *rest = told(case, answered)
        assert first.status in {502, 503}
        assert b"poison" not in first.body
        assert [one.body for one in rest] == [NEXT]
    await edge.wire.take()
