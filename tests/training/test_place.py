import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.training.place import Places, Root

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "root").mkdir()
    return Root(tmp_path / "root", 1)


def test_an_experiment_gets_a_directory_of_its_name(root: Root) -> None:
    place = Places("resnet").find(root)
    assert (place.directory, place.name, place.root) == (root.path / "resnet", "resnet", root)
    assert place.directory.is_dir()


def test_a_taken_name_gets_a_number(root: Root) -> None:
    names = [Places("resnet").find(root).name for _ in range(4)]
    assert names == ["resnet", "resnet-2", "resnet-3", "resnet-4"]
    assert {one.name for one in root.path.iterdir()} == set(names)


def test_many_at_the_same_moment_get_many_directories(root: Root) -> None:
    with ThreadPoolExecutor(16) as pool:
        places = list(pool.map(lambda _: Places("resnet").find(root), range(64)))
    assert len({place.directory for place in places}) == 64


def test_resuming_goes_on_in_the_directory_that_is_there(root: Root) -> None:
    first = Places("resnet", resume=True).find(root)
    first.hold.release()
    again = Places("resnet", resume=True).find(root)
    assert (first.made, again.made) == (True, False)
    assert first.directory == again.directory


@pytest.mark.parametrize(
    ("name", "depth", "directory"),
    [
        ("resnet", 1, "resnet"),
        ("vision/resnet", 1, "vision-resnet"),
        ("resnet", 2, "experiments/resnet"),
        ("vision/resnet", 2, "vision/resnet"),
        ("vision/resnet/50", 2, "vision/resnet-50"),
    ],
)
def test_a_directory_is_as_deep_as_the_root_wants(
    root: Root, name: str, depth: int, directory: str
) -> None:
    place = Places(name).find(Root(root.path, depth))
    assert place.directory == root.path / directory
    assert place.name == name
    assert Places(name).find(Root(root.path, depth)).name == f"{name}-2"


def test_long_names_fit_into_a_directorys(root: Root) -> None:
    name = f"{'ü' * 120}/{'x' * 200}"
    assert Places(name).find(root).name == name
    assert Places(name).find(root).name == f"{name}-2"


def test_a_root_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    place = Places("resnet").find(Root(tmp_path / "unmounted", 1))
    assert place.directory == Path.cwd() / "runs" / "resnet"
    assert "unmounted" in place.why
    assert place.root is None
    assert not (tmp_path / "unmounted").exists()


@pytest.mark.parametrize("mode", [0o1777, 0o2775, 0o755])
def test_what_leads_to_a_directory_is_as_open_as_the_root(root: Root, mode: int) -> None:
    root.path.chmod(mode)
    before = os.umask(0o077)
    try:
        Places("vision/resnet").find(Root(root.path, 2))
    finally:
        os.umask(before)
    assert stat.S_IMODE((root.path / "vision").stat().st_mode) == mode


def test_a_root_that_may_not_be_looked_at_is_told(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refuse)
    assert "Permission denied" in Places("resnet").find(root).why


def test_a_root_that_is_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Places("resnet").find(Root(tmp_path / "file", 1)).root is None


def test_where_nothing_can_be_made_files_stay_here(root: Root) -> None:
    (root.path / "experiments").touch()
    place = Places("resnet").find(Root(root.path, 2))
    assert place.directory == Path.cwd() / "runs" / "resnet"
    assert "nothing can be made" in place.why


def test_local_names_keep_their_slashes() -> None:
    assert Places("vision/resnet").local().directory == Path.cwd() / "runs/vision/resnet"
    assert Places("vision/resnet").local().name == "vision/resnet-2"


def test_where_not_even_that_works_files_are_temporary() -> None:
    Path("runs").touch()
    place = Places("resnet").local()
    assert place.directory.is_dir()
    assert place.name == "resnet"
    place.directory.rmdir()


def test_a_directory_of_the_scripts_own_is_used(tmp_path: Path) -> None:
    made = Places("resnet", tmp_path / "a" / "b").given_one()
    there = Places("resnet", tmp_path / "a" / "b").given_one()
    assert made is not None
    assert there is not None
    assert made.directory == there.directory == tmp_path / "a" / "b"
    assert (made.made, there.made) == (True, False)


def test_one_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInputError) as caught:
        Places("resnet", tmp_path / "file" / "runs").given_one()
    assert caught.value.field == "logdir"


def test_what_the_gateway_does_not_see_goes_away(root: Root) -> None:
    places = Places("resnet")
    refused = places.find(root)
    place = places.instead(refused, "because")
    assert not refused.directory.exists()
    assert (place.directory, place.why) == (Path.cwd() / "runs" / "resnet", "because")


def test_but_not_what_holds_something_or_was_there_before(root: Root) -> None:
    (root.path / "resnet").mkdir()
    Places("resnet").instead(Places("resnet", resume=True).find(root), "because")
    filled = Places("resnet").find(root)
    (filled.directory / "events").touch()
    Places("resnet").instead(filled, "because")
    assert {one.name for one in root.path.iterdir()} == {"resnet", "resnet-2"}


def test_a_local_place_stays_when_it_is_refused() -> None:
    places = Places("resnet")
    local = places.local()
    assert places.instead(local, "because") == local
