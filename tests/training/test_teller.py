"""Telling that ends between two steps."""

from pathlib import Path

import pytest
from running_api import RunningApi

from tbgateway.domain.description import Told
from tbgateway.domain.errors import NotFoundError, UnavailableError
from tbgateway.training.complaints import Complaints
from tbgateway.training.place import Place
from tbgateway.training.story import Story
from tbgateway.training.teller import Teller


@pytest.fixture
def story(tmp_path: Path) -> Story:
    (tmp_path / "root" / "resnet").mkdir(parents=True)
    place = Place(directory=tmp_path / "root" / "resnet", name="resnet")
    return Story(place=place, name="resnet", told=Told(), lease=60.0, boards_left=["vision"])


def test_what_was_abandoned_registers_nothing(tmp_path: Path, story: Story) -> None:
    with RunningApi(tmp_path / "gateway", tmp_path / "root") as api:
        teller = Teller(story, Complaints("resnet"), lambda: None)
        teller.abandon()
        with pytest.raises(UnavailableError):
            teller.tell(api.client)
        assert api.client.experiments.list() == ()
    assert list(story.place.directory.iterdir()) == []


def test_what_is_abandoned_between_two_steps_makes_no_board(tmp_path: Path, story: Story) -> None:
    with RunningApi(tmp_path / "gateway", tmp_path / "root") as api:
        teller = Teller(story, Complaints("resnet"), lambda: None)
        teller.was_shared = teller.abandon
        with pytest.raises(UnavailableError):
            teller.tell(api.client)
        assert [one.name for one in api.client.experiments.list()] == ["resnet"]
        with pytest.raises(NotFoundError):
            api.client.boards.show("vision")
    assert story.boards_left == ["vision"]
