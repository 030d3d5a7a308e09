"""Who may go on in a directory that is there: whose it is, and nobody while its script lives."""

import json
import logging
import multiprocessing
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest
from running_api import RunningApi

import tbgateway
from tbgateway.domain.description import Told
from tbgateway.training.place import Places, Root
from tbgateway.training.record_file import RecordFile
from tbgateway.training.training import Training

pytestmark = pytest.mark.usefixtures("own_home")


def begin(api: RunningApi, name: str = "resnet", **options: Any) -> Training:
    return tbgateway.experiment(name, url=f"unix:{api.control}", **options)


def recorded(directory: str | Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((Path(directory) / "tbgateway.json").read_text())
    return content


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_name_that_shares_a_directory_does_not_take_it(
    api: RunningApi, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with begin(api, "other/x") as first:
        pass
    assert not warnings(caplog)
    with begin(api, "other-x", resume=True) as second:
        assert second.logdir == str(root / "other-x-2")
        assert second.id != first.id
    assert recorded(first.logdir)["name"] == "other/x"
    (warning,) = warnings(caplog)
    assert "other-x is of the experiment 'other/x'." in warning
    with begin(api, "other/x", resume=True) as again:
        assert (again.logdir, again.id) == (first.logdir, first.id)


@pytest.mark.parametrize(("name", "fits"), [("other-x", True), ("other/x", False)])
def test_a_directory_that_says_nothing_is_that_of_its_own_path(
    root: Path, name: str, *, fits: bool
) -> None:
    (root / "other-x").mkdir()
    place = Places(name, resume=True).find(Root(root, 1))
    assert place.made is not fits
    assert bool(place.notice) is not fits


def test_a_live_experiment_is_not_taken_over(
    api: RunningApi, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with begin(api) as outer:
        with begin(api, resume=True) as inner:
            assert (inner.logdir, inner.name) == (str(root / "resnet-2"), "resnet-2")
        assert api.client.experiments.show(str(outer.id)).state == "running"
    (warning,) = warnings(caplog)
    assert f"a script that is still running uses {outer.logdir}." in warning
    with begin(api, resume=True) as again:
        assert again.logdir == outer.logdir


def _hold(url: str, has_begun: Event, may_end: Event) -> None:
    with tbgateway.experiment("resnet", url=url):
        has_begun.set()
        may_end.wait(60)


def test_nor_is_that_of_another_process(api: RunningApi, root: Path) -> None:
    context = multiprocessing.get_context("spawn")
    has_begun, may_end = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(f"unix:{api.control}", has_begun, may_end))
    other.start()
    assert has_begun.wait(60)
    with begin(api, resume=True) as inner:
        assert inner.logdir == str(root / "resnet-2")
    other.kill()
    other.join()
    with begin(api, resume=True) as again:
        assert again.logdir == str(root / "resnet")


def test_a_given_directory_is_shared_and_its_end_told_by_who_was_first(
    api: RunningApi, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with begin(api, logdir=root / "mine", lease=600) as outer:
        with begin(api, "guest", logdir=root / "mine", lease=10, tags=["guest"]) as guest:
            assert (guest.logdir, guest.id) == (outer.logdir, outer.id)
        found = api.client.experiments.show(str(outer.id))
        assert (found.state, found.lease, found.tags) == ("running", 600.0, ("guest",))
        assert "state" not in recorded(root / "mine")
    assert api.client.experiments.show(str(outer.id)).state == "completed"
    assert recorded(root / "mine")["name"] == "resnet"
    (warning,) = warnings(caplog)
    assert "told by that one alone" in warning


def test_a_directory_in_place_of_the_record_is_told_in_words(
    api: RunningApi, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "mine" / "tbgateway.json").mkdir(parents=True)
    with begin(api, logdir=root / "mine", tags=["a"]):
        pass
    (warning,) = warnings(caplog)
    assert "Errno" not in warning
    assert "no regular file" in warning


def test_the_name_stays_that_was_said_first(tmp_path: Path) -> None:
    file = RecordFile(tmp_path)
    file.begin(Told(), "first")
    file.begin(Told(), "second")
    assert recorded(tmp_path) == {"name": "first"}
