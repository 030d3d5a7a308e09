"""Gradient's verbs, by our own client against a running gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from event_writer import write_scalars
from running_api import RunningApi

from tbgateway import Client
from tbgateway.domain.errors import InvalidInputError, NotFoundError, UnauthenticatedError


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningApi]:
    for name in ("first", "second"):
        write_scalars(tmp_path / "runs" / name, {"loss": [1.0, 0.5]})
    with RunningApi(tmp_path / "gw", tmp_path / "runs") as running:
        yield running


def test_every_verb_of_gradients_client_is_there(gateway: RunningApi) -> None:
    client = Client(gateway.url, token=gateway.token_of("admin"))
    boards = client.tensorboards
    instance = {"type": "gpu", "count": 2}
    made = boards.create(["first"], image="an/image", instance=instance)
    assert (made.image, made.instance, made.state) == ("an/image", instance, "Running")
    assert boards.get(made.name) == made
    assert boards.list() == (made,)
    more = boards.add_experiments(made.id, ["second"])
    assert [one.state for one in more.experiments] == ["Adding", "Adding"]
    less = boards.remove_experiments(made.id, ["first"])
    assert [one.state for one in less.experiments] == ["Deleting", "Adding"]
    boards.delete(made.id)
    assert boards.list() == ()


def test_a_password_opens_the_board(gateway: RunningApi) -> None:
    made = gateway.client.tensorboards.create(["first"], username="ada", password="a-good-password")
    assert made.username == "ada"
    assert gateway.client.boards.show(made.id).access == "password"


def test_errors_are_those_of_the_gateway(gateway: RunningApi) -> None:
    boards = gateway.client.tensorboards
    with pytest.raises(NotFoundError, match="There is no board 'tb0000000000'"):
        boards.get("tb0000000000")
    with pytest.raises(InvalidInputError, match="at least one experiment") as refused:
        boards.create([])
    assert refused.value.field == "experiments"
    with pytest.raises(UnauthenticatedError):
        Client(gateway.url, token="wrong").tensorboards.list()
