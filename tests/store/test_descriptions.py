"""Descriptions, and what Gradient's API asked for: they belong to something, and go with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tbgateway.domain.errors import ConflictError
from tbgateway.domain.model import Board, Description, Experiment, GradientRequest
from tbgateway.store import Store
from tbgateway.store.tables import Record

MakeBoard = Callable[..., Board]
MakeExperiment = Callable[..., Experiment]


async def put(store: Store, *records: Record) -> None:
    async with store.transaction() as transaction:
        transaction.put(*records)


async def test_a_description_is_there_after_a_restart(
    path: Path, experiment: MakeExperiment
) -> None:
    described = Description(
        experiment_id=experiment().id, params={"lr": 0.1, "amp": True}, tags=("a", "ü"), notes="n"
    )
    leased = experiment(lease=60.0, ended_at=1.5, end_heard_at=2.5)
    store = Store.open(path)
    await put(store, leased, described)
    await store.close()

    again = Store.open(path)

    assert dict(again.descriptions) == {experiment().id: described}
    assert again.experiments[leased.id] == leased
    await again.close()


async def test_what_belongs_to_a_record_goes_with_it_on_disk_too(
    path: Path, board: MakeBoard, experiment: MakeExperiment
) -> None:
    store = Store.open(path)
    others = (
        Description(experiment_id=experiment(2).id),
        GradientRequest(board_id=board(2).id, image="i", instance=""),
    )
    await put(
        store, experiment(), experiment(2), board(), board(2),
        Description(experiment_id=experiment().id),
        GradientRequest(board_id=board().id, image="i", instance=""), *others,
    )  # fmt: skip

    async with store.transaction() as transaction:
        transaction.drop(experiment(), board())

    await store.close()
    again = Store.open(path)
    kept = (*again.descriptions.values(), *again.gradient_requests.values())
    assert kept == others
    await again.close()


async def test_a_description_needs_its_experiment(store: Store, experiment: MakeExperiment) -> None:
    with pytest.raises(ConflictError):
        await put(store, Description(experiment_id=experiment().id))
    assert not store.descriptions


async def test_a_description_that_is_replaced_stays_as_it_was(
    path: Path, experiment: MakeExperiment
) -> None:
    store = Store.open(path)
    before = Description(experiment_id=experiment().id, params={"lr": 0.1})
    await put(store, experiment(), before)
    await put(store, replace(before, params={"lr": 0.2}))
    assert before.params == {"lr": 0.1}
    assert store.descriptions[experiment().id].params == {"lr": 0.2}
    await store.close()
