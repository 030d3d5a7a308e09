"""A search as it is written in a URL."""

import pytest

from tbgateway.controlplane.web.experiment_search import ExperimentSearch, Order, Since
from tbgateway.controlplane.web.forms import Form
from tbgateway.domain.errors import InvalidInputError


def search(**fields: str | list[str]) -> ExperimentSearch:
    pairs = {name: [one] if isinstance(one, str) else one for name, one in fields.items()}
    return ExperimentSearch.of(Form(pairs))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": "a b", "state": "failed", "root": "runs", "boards": "none", "problem": "1"},
        {"sort": "name", "page": "12", "scalar": ["loss", "lr"]},
        {"sort": "-size"},
        {"text": 'tag:"a b" lr<1', "since": "7d"},
    ],
)
def test_a_search_reads_what_it_writes(fields: dict[str, str | list[str]]) -> None:
    found = search(**fields)
    written = {name: [v] if isinstance(v, str) else [*v] for name, v in found.query().items()}
    assert ExperimentSearch.of(Form(written)) == found
    assert set(written) == set(fields)
    pairs: dict[str, list[str]] = {}
    for name, value in found.fields():
        pairs.setdefault(name, []).append(value)
    assert pairs == written


def test_what_is_as_usual_is_not_written() -> None:
    usual = search(text=" ", state="", sort="-event", page="1", scalar=["", " "], problem="")
    assert usual == ExperimentSearch()
    assert usual.query() == {}
    assert not usual.narrows


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "\u0663", "9999999", ""])
def test_a_page_that_is_none_is_the_first(page: str) -> None:
    assert search(page=page).page == 1


def test_an_order_is_turned_round_when_it_is_asked_for_again() -> None:
    first = ExperimentSearch().on_page(3).sorted_by(Order.NAME)
    assert (first.sort, first.page) == ("name", 1)
    assert first.sorted_by(Order.NAME).sort == "-name"
    assert first.sorted_by(Order.SIZE).sort == "-size"
    assert first.sorted_by(Order.SIZE).sorted_by(Order.SIZE).sort == "size"


def test_no_more_scalars_are_shown_than_a_screen_can_take() -> None:
    tags = [f"tag-{n}" for n in range(20)]
    assert search(scalar=[*tags, *tags]).scalars == tuple(tags[:6])


@pytest.mark.parametrize("name", ["state", "boards", "since", "sort"])
def test_what_makes_no_sense_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        search(**{name: "nonsense"})
    assert caught.value.field == name
    assert "Use one of" in caught.value.hint


def test_a_time_is_so_many_seconds_ago() -> None:
    assert [one.seconds for one in Since] == [3600, 86_400, 7 * 86_400, 30 * 86_400]


def test_a_search_that_is_not_understood_selects_nothing() -> None:
    search(text="lr<1").check_is_understood()
    with pytest.raises(InvalidInputError, match="comes a value"):
        search(text="lr<").check_is_understood()
