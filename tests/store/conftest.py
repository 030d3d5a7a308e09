from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tbgateway.domain.model import Access, Board, Experiment, Member, Membership, Role
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "gateway.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    store = Store.open(path)
    yield store
    await store.close()


@pytest.fixture
def board() -> Callable[..., Board]:
    def make(number: int = 1, **changes: Any) -> Board:
        values: dict[str, Any] = {
            "id": BoardId(f"tb{number:010x}"),
            "name": f"board-{number}",
            "owner": "ada",
            "access": Access.PASSWORD,
            "created_at": 1_700_000_000.5,
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
            "path": f"/data/runs/run-{number}",
            "created_at": 1_700_000_000.5,
        }
        return Experiment(**{**values, **changes})

    return make


@pytest.fixture
def membership() -> Callable[..., Membership]:
    def make(board: Board, experiment: Experiment, **changes: Any) -> Membership:
        values: dict[str, Any] = {"added_at": 1_700_000_001.0, **changes}
        return Membership(board_id=board.id, experiment_id=experiment.id, **values)

    return make


@pytest.fixture
def member() -> Member:
    return Member(name="ada", role=Role.EDITOR, password_hash="$2b$04$", created_at=1.0)
