import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tbgateway.domain.series import Series
from tbgateway.rendering.pages import ENVIRONMENT
from tbgateway.rendering.sparkline import Sparkline, sparkline

POINTS = ((0.0, 3.0), (10.0, 1.0), (20.0, 2.0))
LOSS = Series("train", "loss", POINTS, 2.0, 20, 1.0, 3.0, 21)


def drawn(line: Sparkline) -> list[tuple[float, float]]:
    pairs = (point.split(",") for point in line.points.split())
    return [(float(x), float(y)) for x, y in pairs]


def html(line: Sparkline) -> str:
    macros = '{% from "spark.html" import spark, last_and_best %}'
    template = ENVIRONMENT.from_string(macros + "{{ spark(line) }}{{ last_and_best(line) }}")
    return template.render(line=line)


def test_the_line_goes_from_left_to_right_and_the_highest_value_is_at_the_top() -> None:
    line = sparkline(LOSS)
    assert drawn(line) == [(2.0, 2.0), (60.0, 26.0), (118.0, 14.0)]
    assert (line.width, line.height) == (120, 28)


def test_it_tells_the_last_and_the_best_value_in_words() -> None:
    line = sparkline(LOSS)
    assert line.label == "loss: last 2, best 1 over 21 values"
    assert (line.name, line.run, line.last, line.best) == ("loss", "train", "2", "1")
    accuracy = replace(LOSS, tag="accuracy", count=1)
    assert sparkline(accuracy).label == "accuracy: last 2, best 3 over 1 value"


def test_a_line_of_equal_values_lies_in_the_middle() -> None:
    line = sparkline(replace(LOSS, points=((0.0, 5.0), (1.0, 5.0))))
    assert drawn(line) == [(2.0, 14.0), (118.0, 14.0)]


def test_a_single_value_is_seen() -> None:
    line = sparkline(replace(LOSS, points=((7.0, 5.0),)))
    assert drawn(line) == [(2.0, 14.0), (118.0, 14.0)]


def test_without_a_finite_value_the_room_stays_and_the_words_say_so() -> None:
    nothing = replace(LOSS, points=(), last=math.nan, lowest=math.nan, highest=math.nan)
    line = sparkline(nothing)
    assert (line.points, line.width, line.height) == ("", 120, 28)
    assert line.label == "loss: last NaN, best NaN over 21 values"
    assert "polyline" not in html(line)


@pytest.mark.parametrize("value", [1e308, 5e-324, 1e-310])
def test_numbers_of_any_size_are_drawn_inside(value: float) -> None:
    points = ((0.0, -value), (1.0, value), (2.0**63, 0.0))
    for x, y in drawn(sparkline(replace(LOSS, points=points))):
        assert 0 <= x <= 120
        assert 0 <= y <= 28


def test_it_has_a_name_a_fixed_size_and_no_style(parse: Callable[[str], Any]) -> None:
    document = parse(html(sparkline(LOSS)))
    (tag, attributes), (shape, line) = document.elements[:2]
    assert (tag, shape) == ("svg", "polyline")
    assert attributes["role"] == "img"
    assert attributes["aria-label"] == "loss: last 2, best 1 over 21 values"
    assert (attributes["width"], attributes["height"]) == ("120", "28")
    assert line["stroke"] == "currentColor"
    assert not [one for _, one in document.elements if "style" in one]
    assert document.text.split() == ["2", "best", "1"]
    assert document.open_tags == []


def test_a_hostile_name_stays_text(parse: Callable[[str], Any], hostile: str) -> None:
    tame = parse(html(sparkline(LOSS)))
    document = parse(html(sparkline(replace(LOSS, tag=hostile))))
    assert [tag for tag, _ in document.elements] == [tag for tag, _ in tame.elements]
    assert document.attributes("aria-label")[0].startswith(hostile)
    assert not document.attributes("onload")
