import json
import math
from dataclasses import replace
from typing import Any

import pytest

from tbgateway.domain.series import Digest, Series
from tbgateway.worker.scalar_messages import (
    Answer,
    Hello,
    NonsenseError,
    Turn,
    decode_answer,
    decode_hello,
    decode_turn,
    encode_answer,
)

SERIES = Series("train", "损失", ((0.0, 1.5), (1.0, -2.0)), 1.0, 7, -2.0, 1.5, 3)
ANSWER = Answer("ex1", Digest((SERIES,), complete=False, flaw="'x' is damaged"), denied=True)


def with_field(name: str, value: Any) -> bytes:
    return json.dumps(json.loads(encode_answer(ANSWER)) | {name: value}).encode()


def with_series(place: int, value: Any) -> bytes:
    fields = json.loads(encode_answer(ANSWER))
    fields["series"][0][place] = value
    return json.dumps(fields).encode()


def test_a_turn_arrives_as_it_was_sent() -> None:
    turn = Turn("ex1", [(".", "/runs/a/x.tfevents"), ("é", "/runs/\udcff")])
    line = turn.line
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_turn(line) == turn


def test_an_answer_arrives_as_it_was_sent() -> None:
    line = encode_answer(ANSWER)
    assert line.count(b"\n") == 1
    assert decode_answer(line) == ANSWER


def test_a_turn_is_encoded_once() -> None:
    turn = Turn("ex1", [(".", "/runs/a/x.tfevents")])
    assert turn.line is turn.line


def test_names_and_numbers_that_are_alike_are_kept_once() -> None:
    answer = Answer("ex1", Digest((SERIES, replace(SERIES, points=(), last_step=10**6)) * 2))
    first, second, third, fourth = decode_answer(encode_answer(answer)).digest.series
    assert first.tag is second.tag
    assert third.points == first.points
    assert second.last_step is fourth.last_step


def test_numbers_that_are_none_arrive_too() -> None:
    series = Series(".", "x", (), -math.inf, 0, math.nan, math.nan, 1)
    (read,) = decode_answer(encode_answer(Answer("ex1", Digest((series,))))).digest.series
    assert read.last == -math.inf
    assert math.isnan(read.lowest)


def test_a_hello_arrives_as_it_was_said() -> None:
    assert decode_hello(encode_answer(Hello("why"))) == Hello("why")
    with pytest.raises(NonsenseError):
        decode_hello(b"{}\n")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"1" * 10_000,
        with_field("experiment", None),
        with_field("experiment", "\ud800"),
        with_field("flaw", 1),
        with_field("series", {}),
        with_field("experiment", "x" * 101),
        with_field("flaw", "x" * 1001),
        with_field("series", [json.loads(encode_answer(ANSWER))["series"][0]] * 3),
        with_field("series", [[]]),
        with_field("series", [1]),
        with_field("series", [json.loads(encode_answer(ANSWER))["series"][0]] * 101),
        with_series(0, ["x"]),
        with_series(0, "x" * 1001),
        with_series(1, "x" * 501),
        with_series(1, "\udcff"),
        with_series(2, [[0, 1]] * 49),
        with_series(2, [[0, 1, 2]]),
        with_series(2, [0]),
        with_series(2, [["0", "1"]]),
        with_series(3, "1"),
        with_series(3, None),
        with_series(3, value=True),
        with_series(3, 10**400),
        with_series(4, 1.5),
        with_series(7, 10**400),
    ],
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(NonsenseError):
        decode_answer(line)
