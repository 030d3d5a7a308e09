import pytest

from tbgateway.rendering.chart import Chart, Measure, chart

NOW = 10_000.0
PERCENT = Measure(name="CPU", said=lambda value: f"{value:.0f} %", least=10.0)


def drawn(*points: tuple[float, float], now: float = NOW) -> Chart:
    return chart(points, now, PERCENT)


def places(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (one.split(",") for one in line.split())]


def test_the_hour_goes_from_edge_to_edge_and_the_peak_to_the_top() -> None:
    points = [(NOW - 3600 + 30 * step, 40.0 if step == 60 else 0.0) for step in range(121)]
    figure = drawn(*points)
    (stretch,) = figure.stretches
    found = places(stretch.line)
    assert found[0] == (2.0, 54.0)
    assert found[60] == (140.0, 2.0)
    assert found[-1] == (278.0, 54.0)
    assert (figure.width, figure.height) == (280, 56)
    assert (figure.x, figure.y) == ("278.0", "54.0")


def test_it_says_in_words_what_it_shows() -> None:
    figure = drawn((NOW - 15, 40.0), (NOW, 12.0))
    assert (figure.now, figure.peak) == ("12 %", "40 %")
    assert figure.label == "CPU over the last hour: now 12 %, peak 40 %"


def test_a_board_that_sleeps_now_has_no_figure_now() -> None:
    figure = drawn((NOW - 75, 40.0), (NOW - 60, 12.0))
    assert figure.now is None
    assert figure.label == "CPU over the last hour: now asleep, peak 40 %"


def test_the_line_is_broken_where_the_board_slept() -> None:
    figure = drawn((NOW - 1000, 1.0), (NOW - 985, 1.0), (NOW - 900, 1.0), (NOW - 885, 1.0))
    assert [len(places(one.line)) for one in figure.stretches] == [2, 2]


def test_a_single_figure_is_a_dot() -> None:
    (stretch,) = drawn((NOW, 5.0)).stretches
    first, last = places(stretch.line)
    assert first == last


def test_the_area_reaches_down_to_nothing() -> None:
    (stretch,) = drawn((NOW - 1800, 10.0), (NOW - 1785, 10.0)).stretches
    first, *line, last = places(stretch.area)
    assert line == places(stretch.line)
    assert (first, last) == ((line[0][0], 56.0), (line[-1][0], 56.0))


def test_what_is_hardly_anything_stays_low() -> None:
    assert float(drawn((NOW - 15, 0.1), (NOW, 0.1)).y) > 50


@pytest.mark.parametrize("when", [NOW - 5000, NOW + 60])
def test_what_lies_outside_the_hour_is_drawn_at_its_edge(when: float) -> None:
    (stretch,) = drawn((when, 1.0)).stretches
    assert all(2.0 <= x <= 278.0 for x, _ in places(stretch.line))
