import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.domain.description import Edit, edited
from tbgateway.domain.description_file import (
    NOT_UNDERSTOOD,
    FileEnd,
    FileSays,
    news_of,
    parse_file,
    without,
)
from tbgateway.domain.experiment_state import End, ended
from tbgateway.domain.model import Description, Experiment, ExperimentState, ParamValue
from tbgateway.domain.names import ExperimentId

EMPTY = Description(experiment_id=ExperimentId("ex0123456789"))
RUNNING = Experiment(
    id=ExperimentId("ex0123456789"), root="runs", name="a", path="/runs/a", created_at=0.0
)
NOW = 1_000_000.0
PARAMS = st.dictionaries(
    st.sampled_from("abc"), st.sampled_from([True, 1, 1.0, "1", 2]), max_size=3
)
TAGS = st.lists(st.sampled_from("xyz"), unique=True).map(tuple)
ENDS = st.builds(
    FileEnd,
    state=st.sampled_from([None, *list(ExperimentState)[1:]]),
    ended_at=st.sampled_from([1.0, 2.0]),
).map(lambda end: end if end.state else FileEnd())
SAYS = st.builds(
    FileSays, params=PARAMS, tags=TAGS, notes=st.sampled_from(["", "n", "m"]), end=ENDS
)
EDITS = st.builds(
    Edit,
    params=st.dictionaries(st.sampled_from("abc"), st.sampled_from([None, 7, True]), max_size=2),
    add_tags=TAGS,
    remove_tags=TAGS,
    notes=st.none() | st.just("mine"),
)


def read(description: Description, says: FileSays, problem: str = "") -> Description:
    return news_of(description, says, problem).description


def typed(params: Any) -> list[str]:
    return sorted(f"{key}={value!r}" for key, value in params.items())


# --- reading


def test_all_that_a_file_may_say_is_read() -> None:
    text = json.dumps(
        {
            "params": {"lr": 0.1, "n": 3, "amp": True, "model": "vit"},
            "tags": ["a", "b"],
            "notes": "# n",
            "state": "failed",
            "reason": "no disk",
            "ended_at": 1763900000.5,
            "of a later version": [1],
        }
    )
    says, problem = parse_file(text)
    assert problem == ""
    assert says.params == {"lr": 0.1, "n": 3, "amp": True, "model": "vit"}
    assert (says.tags, says.notes) == (("a", "b"), "# n")
    assert says.end == FileEnd(
        state=ExperimentState.FAILED, reason="no disk", ended_at=1763900000.5
    )


@pytest.mark.parametrize("text", ["{}", '{"params": null, "tags": null, "state": null}', " {} \n"])
def test_a_file_need_not_say_anything(text: str) -> None:
    assert parse_file(text) == (FileSays(), "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "It is no JSON: Expecting value"),
        ('{"params": {"lr": 0.1}', "It is no JSON"),
        ("[1]", "It is no JSON object"),
        ("null", "It is no JSON object"),
        ('{"params": {"lr": NaN}}', "NaN is no number"),
        ('{"params": {"lr": -Infinity}}', "-Infinity is no number"),
        ('{"params": {"a": 1, "a": 2}}', "a key stands there twice"),
        ('{"tags": [], "tags": []}', "a key stands there twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"params": {"n": ' + "9" * 5000 + "}}", "It is no JSON: Exceeds the limit"),
        ("\ufeff{}", "It is no JSON"),
        ("\x00", "It is no JSON"),
    ],
)
def test_what_is_no_json_is_understood_in_no_part(text: str, why: str) -> None:
    says, problem = parse_file(text)
    assert says == NOT_UNDERSTOOD
    assert why in problem
    assert problem.isprintable()
    assert len(problem) < 300


@pytest.mark.parametrize(
    ("said", "wrong", "why"),
    [
        ({"params": {"a": [1]}}, "params", "The parameter 'a' cannot be a list."),
        ({"params": {"a": 1e999}}, "params", "cannot be inf"),
        ({"params": {"a": 10**400}}, "params", "cannot be so large an integer"),
        ({"params": [1]}, "params", "params is no object"),
        ({"params": "x"}, "params", "params is no object"),
        ({"tags": "a"}, "tags", "tags is no list"),
        ({"tags": [1]}, "tags", "cannot be a tag"),
        ({"tags": ["a", "a"]}, "tags", "stands there twice"),
        ({"notes": ["a"]}, "notes", "notes is no text"),
        ({"notes": "\ud800"}, "notes", "no text"),
        ({"state": "done"}, "end", "state is none of completed, failed, stopped"),
        ({"state": "running"}, "end", "state is none of"),
        ({"state": []}, "end", "state is none of"),
        ({"state": {"a": 1}}, "end", "state is none of"),
    ],
)
def test_a_wrong_part_leaves_the_others_as_they_are(said: Any, wrong: str, why: str) -> None:
    right = {"params": {"x": 1}, "tags": ["t"], "notes": "n", "state": "completed"}
    says, problem = parse_file(json.dumps(right | said).replace("Infinity", "1e999"))
    assert why in problem
    understood = {
        "params": {"x": 1},
        "tags": ("t",),
        "notes": "n",
        "end": FileEnd(state=ExperimentState.COMPLETED),
    }
    assert says == FileSays(**{**understood, wrong: None})  # type: ignore[arg-type] # by field


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ({"reason": "a\nb", "ended_at": 5}, FileEnd(state=ExperimentState.FAILED, ended_at=5.0)),
        ({"reason": 3}, FileEnd(state=ExperimentState.FAILED)),
        ({"reason": "x", "ended_at": "5"}, FileEnd(state=ExperimentState.FAILED, reason="x")),
        ({"ended_at": True}, FileEnd(state=ExperimentState.FAILED)),
        ({"ended_at": -1}, FileEnd(state=ExperimentState.FAILED)),
        ({"ended_at": 10**400}, FileEnd(state=ExperimentState.FAILED)),
    ],
)
def test_an_end_counts_though_its_reason_or_time_is_wrong(said: Any, end: FileEnd) -> None:
    says, problem = parse_file(json.dumps({"state": "failed"} | said))
    assert problem
    assert says.end == end


_KEYS = st.sampled_from(["params", "tags", "notes", "state", "reason", "ended_at"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(_KEYS | st.text(), inner),
)


@given(st.text() | _JSON.map(json.dumps))
def test_no_text_makes_reading_fail(text: str) -> None:
    says, problem = parse_file(text)
    assert says != NOT_UNDERSTOOD or problem
    assert read(EMPTY, says, problem).problem == problem


@given(SAYS)
def test_what_is_kept_of_a_file_is_read_as_it_was(says: FileSays) -> None:
    assert (parse_file(says.as_json() or "{}")) == (says, "")


# --- the file, and what people say


@given(SAYS)
def test_a_first_file_is_taken_over(says: FileSays) -> None:
    after = read(EMPTY, says)
    assert typed(after.params) == typed(says.params)
    assert (after.tags, after.notes) == (says.tags, says.notes)


@given(SAYS, EDITS)
def test_a_file_that_did_not_change_takes_nothing_back(says: FileSays, edit: Edit) -> None:
    people = edited(read(EMPTY, says), edit)
    news = news_of(people, says, "")
    assert news.description is people
    assert (news.end, news.past) == (None, None)


@given(SAYS, EDITS, SAYS)
def test_only_the_difference_of_two_files_is_taken_over(
    first: FileSays, edit: Edit, second: FileSays
) -> None:
    people = edited(read(EMPTY, first), edit)
    after = read(people, second)
    for key in "abc":
        mine, last, now = (
            repr(one.get(key)) for one in (people.params, first.params or {}, second.params or {})
        )
        taken = now if now != last and (now != "None" or mine == last) else mine
        assert repr(after.params.get(key)) == taken
    for tag in "xyz":
        last_has, now_has = tag in (first.tags or ()), tag in (second.tags or ())
        assert (tag in after.tags) == (now_has if now_has != last_has else tag in people.tags)
    assert after.notes == (people.notes if first.notes == second.notes else second.notes)
    assert read(after, second) is after


@given(SAYS, SAYS)
def test_a_file_that_is_wrong_for_a_while_changes_nothing(
    first: FileSays, second: FileSays
) -> None:
    before = read(EMPTY, first)
    wrong = news_of(before, NOT_UNDERSTOOD, "It is no JSON.")
    assert wrong.description == replace(before, problem="It is no JSON.")
    assert (wrong.end, wrong.past) == (None, None)
    assert read(wrong.description, second) == read(before, second)


def test_too_much_together_with_what_people_said_is_a_problem_and_changes_nothing() -> None:
    people = edited(EMPTY, Edit(params={f"p{n}": n for n in range(1000)}))
    says = FileSays(params={"more": 1}, end=FileEnd(state=ExperimentState.FAILED, ended_at=1.0))
    news = news_of(people, says, "")
    assert news.description.params == people.params
    assert "too many" in news.description.problem
    assert news.end == End(ExperimentState.FAILED, "failed, said its script", 1.0, by_script=True)
    assert news_of(news.description, says, "").end is None


# --- ends


def end_in(state: str, at: float | None = None) -> FileSays:
    return FileSays(end=FileEnd(state=ExperimentState(state), ended_at=at))


def after_reading(
    experiment: Experiment, description: Description, says: FileSays
) -> tuple[Experiment, Description]:
    news = news_of(description, says, "")
    experiment = without(experiment, news.past)
    if news.end is not None:
        experiment = ended(experiment, news.end, NOW)
    return experiment, news.description


API = End(ExperimentState.FAILED, "failed, said its script", 5.0, by_script=True)
FILE = end_in("failed", 5.0)


def test_an_end_that_comes_both_ways_in_any_order_is_one_end() -> None:
    ways = set()
    for order in itertools.permutations(["file", "file", "call", "call"]):
        experiment, description = RUNNING, EMPTY
        for way in order:
            if way == "call":
                experiment = ended(experiment, API, NOW)
            else:
                experiment, description = after_reading(experiment, description, FILE)
        ways.add(experiment)
    assert len(ways) == 1
    (one,) = ways
    assert (one.state, one.reason, one.ended_at) == ("failed", "failed, said its script", 5.0)


def test_a_persons_word_stays_though_the_scripts_end_comes_again() -> None:
    person = End(ExperimentState.COMPLETED, "completed by ada")
    experiment = ended(ended(RUNNING, API, NOW), person, NOW)
    after, description = after_reading(experiment, EMPTY, FILE)
    assert (after.state, after.reason) == ("completed", "completed by ada")
    assert ended(after, API, NOW) is after
    assert after_reading(after, description, FILE)[0] is after


def test_an_end_without_a_time_counts_once() -> None:
    experiment, description = after_reading(RUNNING, EMPTY, end_in("stopped"))
    assert (experiment.state, experiment.reason) == ("stopped", "stopped by its script")
    person = ended(experiment, End(ExperimentState.COMPLETED, "completed by ada"), NOW)
    assert after_reading(person, description, end_in("stopped"))[0] is person


def test_a_script_that_begins_anew_takes_its_end_back() -> None:
    experiment, description = after_reading(RUNNING, EMPTY, FILE)
    again, description = after_reading(experiment, description, FileSays())
    assert (again.state, again.reason) == ("running", "its script began anew")
    assert ended(again, API, NOW) is again  # a retry of the end that was taken back
    second, _ = after_reading(again, description, end_in("completed", 9.0))
    assert (second.state, second.ended_at) == ("completed", 9.0)


def test_what_a_person_said_is_not_taken_back_with_the_end() -> None:
    experiment, description = after_reading(RUNNING, EMPTY, FILE)
    person = ended(experiment, End(ExperimentState.COMPLETED, "completed by ada"), NOW)
    assert after_reading(person, description, FileSays())[0] is person


def test_plain_values_differ_by_their_type_too() -> None:
    value: ParamValue
    before = read(EMPTY, FileSays(params={"a": 1}))
    for value in (True, 1.0, "1", 1):
        before = read(before, FileSays(params={"a": value}))
        assert (type(before.params["a"]), before.params["a"]) == (type(value), value)
