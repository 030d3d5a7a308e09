import math
import time
from dataclasses import replace

from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.experiments.moments import Moments

ONE = Experiment(
    id=ExperimentId("ex0000000001"), root="runs", name="a", path="/runs/a", created_at=0.0
)


def seen(at: float = math.inf) -> Measurement:
    return Measurement(bytes=10, last_event_at=0.0, at=at)


def test_a_measurement_is_outdated_once_the_record_stands_differently() -> None:
    moments = Moments()
    assert not moments.is_outdated(ONE.id, seen(at=0.0))
    before = seen(at=time.monotonic())
    moments([(ONE, replace(ONE, name="b", problem="trouble", held=True))])
    assert not moments.is_outdated(ONE.id, before), "nothing that is measured"
    moments([(ONE, replace(ONE, bytes=20))])
    assert moments.is_outdated(ONE.id, before)
    assert not moments.is_outdated(ONE.id, seen(at=time.monotonic()))
    assert not moments.is_outdated(ONE.id, seen()), "put together from nothing"


def test_what_began_later_is_told_apart_until_it_is_forgotten() -> None:
    moments = Moments()
    assert not moments.began_after(ONE.id, 0.0)
    moments.begins(ONE.id, 5.0)
    assert moments.began_after(ONE.id, 4.0)
    assert not moments.began_after(ONE.id, 5.0)
    moments([(None, ONE)])
    assert repr(moments) == "<Moments of 1>"
    moments([(ONE, None)])
    assert not moments.began_after(ONE.id, 4.0)
    assert not moments.is_outdated(ONE.id, seen(at=0.0))
    assert repr(moments) == "<Moments of 0>"
