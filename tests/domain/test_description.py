import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.domain.description import (
    Condition,
    Edit,
    Told,
    check_notes,
    check_params,
    check_tags,
    check_told,
    edited,
    parse_condition,
    parse_value,
    spoken,
    told_of,
)
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Description, ParamValue
from tbgateway.domain.names import ExperimentId

EMPTY = Description(experiment_id=ExperimentId("ex0123456789"))
VALUES: st.SearchStrategy[ParamValue] = (
    st.booleans()
    | st.integers(-(2**64) + 1, 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["C"]), max_size=20)
)
KEYS = st.text("abc_.-/ü ", min_size=1, max_size=6).filter(lambda key: key == key.strip())
TAGS = st.lists(st.sampled_from("abcdefg"), unique=True).map(tuple)


class Odd(float):
    """A number of another library, as numpy has them."""


# --- what there may be


def test_parameters_become_plain_values_that_json_keeps() -> None:
    params = check_params({"lr": Odd(0.1), "n": 3, "amp": True, "model": "vit\nb"})
    assert params == {"lr": 0.1, "n": 3, "amp": True, "model": "vit\nb"}
    assert [type(value) for value in params.values()] == [float, int, bool, str]
    assert json.loads(json.dumps(params)) == params


@pytest.mark.parametrize(
    "key",
    ["", " lr", "lr ", "a=b", "a<b", "a>b", "a!", "a\nb", "a\x00", "x" * 201, "\ud800", 3, None],
)
def test_odd_names_of_parameters_are_refused(key: Any) -> None:
    with pytest.raises(InvalidInputError, match="cannot be the name of a parameter") as refused:
        check_params({key: 1})
    assert refused.value.field == "params"
    assert "printable" in refused.value.hint


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        2**64,
        -(2**64),
        2**5000,
        "x" * 1001,
        "a\x00b",
        "\x1b[31m",
        "\udcff",
        "\x9b1m",
        None,
        [],
        [1],
        {"a": 1},
        b"x",
        object(),
    ],
)
def test_odd_values_of_parameters_are_refused_in_a_line(value: Any) -> None:
    with pytest.raises(InvalidInputError, match="'lr' cannot be") as refused:
        check_params({"lr": value})
    assert refused.value.field == "params"
    assert refused.value.detail.isprintable()
    assert len(refused.value.detail) < 200


def test_there_are_at_most_a_thousand_parameters() -> None:
    assert len(check_params({f"p{n}": n for n in range(1000)})) == 1000
    with pytest.raises(InvalidInputError, match="1001 parameters are too many"):
        check_params({f"p{n}": n for n in range(1001)})


def test_tags_are_few_short_and_different() -> None:
    assert check_tags(["a b", "ü", "x" * 100]) == ("a b", "ü", "x" * 100)
    for wrong in (
        ["a,b"],
        [""],
        [" a"],
        ["a\n"],
        ["x" * 101],
        [1],
        ["a", "a"],
        ["\ud800"],
        [f"t{n}" for n in range(65)],
    ):
        with pytest.raises(InvalidInputError) as refused:
            check_tags(wrong)  # type: ignore[arg-type] # it comes from JSON
        assert refused.value.field == "tags"


def test_notes_are_text_of_many_lines() -> None:
    assert check_notes("# a\r\n\tü \U0001f600") == "# a\r\n\tü \U0001f600"
    assert check_notes("x" * 65_536)
    for wrong in ("x" * 65_537, "a\x00", "\x1b]0;x\x07", "\ud800", None, 3):
        with pytest.raises(InvalidInputError) as refused:
            check_notes(wrong)  # type: ignore[arg-type] # it comes from JSON
        assert refused.value.field == "notes"


def test_what_is_told_is_checked_as_a_whole() -> None:
    assert check_told(Told()) == Told()
    for told in (Told(params={"a=": 1}), Told(tags=("a", "a")), Told(notes="\x00")):
        with pytest.raises(InvalidInputError):
            check_told(told)


# --- describing


def test_an_edit_sets_removes_and_leaves() -> None:
    before = told_of(EMPTY, Told(params={"lr": 0.1, "n": 3}, tags=("a", "b"), notes="x"))
    edit = Edit(
        params={"lr": None, "m": 4, "unknown": None}, add_tags=("c", "a"), remove_tags=("b", "z")
    )
    after = edited(before, edit)
    assert (after.params, after.tags, after.notes) == ({"n": 3, "m": 4}, ("a", "c"), "x")
    assert edited(after, Edit(notes="")).notes == ""
    assert edited(after, edit) is after
    assert edited(after, Edit()) is after


def test_true_and_one_are_not_the_same() -> None:
    before = edited(EMPTY, Edit(params={"a": 1}))
    after = edited(before, Edit(params={"a": True}))
    assert after.params["a"] is True
    assert type(edited(after, Edit(params={"a": 1.0})).params["a"]) is float


def test_an_edit_cannot_make_too_much_of_it() -> None:
    full = edited(
        EMPTY, Edit(params={f"p{n}": n for n in range(1000)}, add_tags=tuple(map(str, range(64))))
    )
    for edit in (Edit(params={"more": 1}), Edit(add_tags=("more",))):
        with pytest.raises(InvalidInputError, match="too many"):
            edited(full, edit)
    assert len(edited(full, Edit(params={"more": 1, "p1": None})).params) == 1000


@given(
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.dictionaries(KEYS, VALUES | st.none(), max_size=4),
    TAGS,
    TAGS,
    TAGS,
)
def test_an_edit_does_what_it_says_and_nothing_more(
    params: dict[str, ParamValue],
    changes: dict[str, ParamValue | None],
    tags: tuple[str, ...],
    added: tuple[str, ...],
    removed: tuple[str, ...],
) -> None:
    before = told_of(EMPTY, Told(params=params, tags=tags))
    edit = Edit(params=changes, add_tags=added, remove_tags=removed)
    after = edited(before, edit)
    expected = {key: value for key, value in (params | changes).items() if value is not None}
    assert repr(sorted(after.params.items())) == repr(sorted(expected.items()))
    assert set(after.tags) == (set(tags) | set(added)) - set(removed)
    assert edited(after, edit) is after


# --- conditions


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("lr<1e-3", Condition("lr", "<", "1e-3")),
        (" lr = 3 ", Condition("lr", "==", "3")),
        ("lr==3", Condition("lr", "==", "3")),
        ("a b>=x y", Condition("a b", ">=", "x y")),
        ("lr!=", Condition("lr", "!=", "")),
        ("lr", Condition("lr")),
        ("url==a=b", Condition("url", "==", "a=b")),
    ],
)
def test_conditions_are_read_as_people_type_them(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "=3",
        "<",
        "lr=<3",
        "lr<",
        "lr=>3",
        "lr===3",
        "!lr",
        "lr!3",
        "a\x00=3",
        "x" * 201,
        "lr=" + "x" * 1001,
        "a" + " " * 100_000 + "!",
    ],
)
def test_what_is_no_condition_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is no condition") as refused:
        parse_condition(text)
    assert "lr<1e-3" in refused.value.hint
    assert (refused.value.field, len(refused.value.detail) < 200) == ("param", True)


PARAMS: dict[str, ParamValue] = {"lr": 1e-3, "n": 3, "amp": True, "model": "vit", "typed": "0.5"}


@pytest.mark.parametrize(
    "text",
    [
        "lr",
        "lr<0.01",
        "lr<=1e-3",
        "lr==0.001",
        "lr=1e-3",
        "lr!=1",
        "n==3.0",
        "n>2",
        "n>=3",
        "n<1e300",
        "amp==true",
        "amp!=false",
        "amp!=1",
        "model==vit",
        "model<w",
        "model!=3",
        "typed==0.5",
    ],
)
def test_conditions_that_hold(text: str) -> None:
    assert parse_condition(text).holds(PARAMS)


@pytest.mark.parametrize(
    "text",
    [
        "none",
        "none!=1",
        "none==",
        "lr<1e-3",
        "lr<abc",
        "lr>abc",
        "lr==abc",
        "n==nan",
        "n<inf",
        "n<1e400",
        "amp==1",
        "amp==True",
        "amp<2",
        "model<3",
        "model==VIT",
        "typed<1",
        "typed==.5",
    ],
)
def test_conditions_that_do_not_hold(text: str) -> None:
    assert not parse_condition(text).holds(PARAMS)


@given(KEYS, VALUES, VALUES, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
def test_no_condition_fails_on_any_value(
    key: str, value: ParamValue, other: ParamValue, operator: str
) -> None:
    holds = Condition(key, operator, spoken(other)).holds({key: value})
    assert isinstance(holds, bool)
    assert not Condition(key, operator, spoken(other)).holds({})


@given(KEYS, VALUES)
def test_what_a_parameter_is_can_be_asked_for(key: str, value: ParamValue) -> None:
    assert Condition(key, "==", spoken(value)).holds({key: value})


@given(
    st.booleans() | st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
)
def test_values_are_read_as_they_are_spoken(value: ParamValue) -> None:
    again = parse_value(spoken(value))
    assert (type(again), again) == (type(value), value)


@pytest.mark.parametrize(
    "text", ["True", "nan", "inf", "1_000", "", " 1", "٣", "0x10", "1e999", "9" * 1001]
)
def test_what_looks_like_nothing_else_is_text(text: str) -> None:
    assert parse_value(text) == text
