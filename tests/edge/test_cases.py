"""The tables themselves: as many cases as were asked for, each with its clause."""

import re
from typing import TYPE_CHECKING

import pytest
from edge_cases import answering, conformance, framing, heads, paths

if TYPE_CHECKING:
    from edge_cases.case import Case

FAMILIES = {
    "conformance": (conformance.ALL, 40),
    "framing": ((*framing.REFUSED, *framing.CONTROLS, *heads.REFUSED, *heads.CONTROLS), 110),
    "paths": ((*paths.CONTROLS, *paths.REFUSED, *paths.ELSEWHERE, *paths.PREFIXES), 250),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_there_are_as_many_different_cases_as_were_asked_for(family: str) -> None:
    cases: tuple[Case, ...]
    cases, least = FAMILIES[family]
    assert len({case.raw for case in cases}) >= least
    assert len({case.name for case in cases}) == len(cases)
    assert all(re.fullmatch(r"RFC \d+ §[\d.]+(, RFC \d+ §[\d.]+)?", case.clause) for case in cases)


def test_every_answer_of_a_board_cites_its_clause_as_well() -> None:
    assert len({case.name for case in answering.ALL}) == len(answering.ALL) >= 40
    assert all(re.fullmatch(r"RFC \d+ §[\d.]+", case.clause) for case in answering.ALL)
