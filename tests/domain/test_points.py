import math
import sys

import pytest

from tbgateway.domain.points import Points

PAIRS = ((0.0, 1.5), (1.0, -math.inf), (2.0**63, 0.25))


def test_points_are_those_that_were_given() -> None:
    points = Points(PAIRS)
    assert tuple(points) == PAIRS
    assert (len(points), points[1], points[-1], points[1:]) == (3, PAIRS[1], PAIRS[2], PAIRS[1:])
    with pytest.raises(IndexError):
        points[3]


def test_points_equal_all_sequences_of_the_same() -> None:
    points = Points(PAIRS)
    assert points == PAIRS
    assert points == Points(PAIRS)
    assert hash(points) == hash(PAIRS)
    assert points != Points(PAIRS[:2])
    assert points != "x"
    assert not Points(())


def test_points_take_sixteen_bytes_each() -> None:
    points = Points((float(number), 0.0) for number in range(48))
    assert sys.getsizeof(points._flat) < 48 * 16 + 100
