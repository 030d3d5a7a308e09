"""What a watched list takes in is what the gateway would list."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tbgateway.cli.wanted import Wanted
from tbgateway.client import Experiment
from tbgateway.domain.description import parse_condition

LAST = datetime(2026, 11, 23, 8, tzinfo=UTC)
ONE = Experiment(
    id="ex0123456789",
    name="vision/ResNet",
    path="/data/vision/ResNet",
    state="running",
    reason="",
    held=False,
    bytes=1,
    last_event_at=LAST,
    created_at=LAST - timedelta(days=1),
    params={"lr": 0.0005, "model": "vit"},
    tags=("Baseline", "good"),
)


def conditions(*texts: str) -> dict[str, Any]:
    return {"conditions": tuple(map(parse_condition, texts)), "written": texts}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"text": "resnet"},
        {"text": "baseL"},
        {"state": "running"},
        {"tags": ("good", "Baseline")},
        conditions("lr<1e-3", "model==vit"),
        {"since": LAST},
    ],
)
def test_what_fits_is_taken(asked: dict[str, Any]) -> None:
    assert Wanted(**asked).takes(ONE)


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "audio"},
        {"state": "failed"},
        {"tags": ("good", "bad")},
        {"tags": ("baseline",)},
        conditions("lr<1e-3", "model==cnn"),
        conditions("epochs"),
        {"since": LAST + timedelta(seconds=1)},
    ],
)
def test_what_does_not_is_not(asked: dict[str, Any]) -> None:
    assert not Wanted(**asked).takes(ONE)
