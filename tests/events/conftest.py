from collections.abc import Callable
from typing import Any

import pytest

from tbgateway.domain.model import Access, Board, Experiment
from tbgateway.domain.names import BoardId, ExperimentId


@pytest.fixture
def board() -> Callable[..., Board]:
    def make(number: int = 1, **changes: Any) -> Board:
        values: dict[str, Any] = {
            "id": BoardId(f"tb{number:010x}"),
            "name": f"board-{number}",
            "owner": "ada",
            "access": Access.MEMBERS,
            "created_at": 0.0,
        }
        return Board(**{**values, **changes})

    return make


@pytest.fixture
def experiment() -> Callable[..., Experiment]:
    def make(number: int = 1, **changes: Any) -> Experiment:
        values: dict[str, Any] = {
            "id": ExperimentId(f"ex{number:010x}"),
            "root": "runs",
            "name": f"run-{number}",
            "path": f"/runs/run-{number}",
            "created_at": 0.0,
        }
        return Experiment(**{**values, **changes})

    return make
