"""Records of boards and experiments, as they are stored."""

from typing import Any

from tbgateway.domain.model import (
    Access,
    Board,
    Description,
    Experiment,
    Membership,
    Role,
    SignedIn,
)
from tbgateway.domain.names import BoardId, ExperimentId

NOW = 1_795_420_800.0
ADA = SignedIn("ada", Role.EDITOR)
BOB = SignedIn("bob", Role.EDITOR)
VERA = SignedIn("vera", Role.VIEWER)


def board(number: int, name: str, **changes: Any) -> Board:
    """Return a board of ada's, for members."""
    values = {"owner": "ada", "access": Access.MEMBERS, "created_at": NOW - 3600, **changes}
    return Board(id=BoardId(f"tb{number:010x}"), name=name, **values)


def experiment(number: int, name: str, **changes: Any) -> Experiment:
    """Return a running experiment."""
    values = {"root": "runs", "path": f"/runs/{name}", "created_at": NOW, **changes}
    return Experiment(id=ExperimentId(f"ex{number:010x}"), name=name, **values)


def description(experiment: Experiment, **said: Any) -> Description:
    """Return what is said of the experiment."""
    return Description(experiment_id=experiment.id, **said)


def membership(board: Board, experiment: Experiment, **changes: Any) -> Membership:
    """Return the experiment's place on the board."""
    return Membership(board_id=board.id, experiment_id=experiment.id, added_at=NOW, **changes)


async def keep(house: Any, *records: Any) -> None:
    """Store them."""
    async with house.store.transaction() as transaction:
        transaction.put(*records)


def shown_on(house: Any, board: Board) -> set[str]:
    """Return the names of the experiments that stay on the board."""
    memberships = house.store.memberships_of(board.id)
    return {
        house.store.experiments[one.experiment_id].name for one in memberships if not one.removing
    }
