import os
from pathlib import Path

import pytest
from experiment_site import EVENTS, write

from tbgateway.discovery import Root, measure, resolve_inside
from tbgateway.domain.errors import InvalidInputError


def test_a_path_below_a_root_is_resolved(root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "link").symlink_to("a")
    roots = {"runs": Root(root)}
    assert resolve_inside(root / "a", roots) == ("runs", root / "a")
    assert resolve_inside(f"{root}/link/../link/b/", roots) == ("runs", root / "a" / "b")


def test_the_innermost_root_is_taken(root: Path) -> None:
    (root / "project" / "run").mkdir(parents=True)
    roots = {"all": Root(root), "mine": Root(root / "project")}
    assert resolve_inside(root / "project" / "run", roots)[0] == "mine"
    assert resolve_inside(root / "project", {"all": Root(root)})[0] == "all"


def test_paths_outside_are_refused_whether_they_exist_or_not(root: Path, tmp_path: Path) -> None:
    (tmp_path / "runs-2").mkdir()
    (root / "out").symlink_to("/etc")
    roots = {"runs": Root(root)}
    for path in ("/etc", "/nowhere", root / ".." / "runs-2", root / "out", f"{root}/../x", "/"):
        with pytest.raises(InvalidInputError, match="lies outside of the logdir roots") as refused:
            resolve_inside(path, roots)
        assert f"runs ({root})" in refused.value.hint
        assert "The roots are" in refused.value.hint


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("runs/a", "is not an absolute path"),
        ("", "is not an absolute path"),
        ("~/runs", "is not an absolute path"),
        ("/a\0b", "it holds a NUL character"),
        (os.fsdecode(b"/a\xff"), "not valid UTF-8"),
        ("{root}", "is the logdir root 'runs' itself"),
        ("{root}/nowhere", "cannot be read as a directory: No such file"),
        ("{root}/file", "cannot be read as a directory: Not a directory"),
        ("{root}/file/below", "cannot be read as a directory"),
        ("{root}/loop", "cannot be read as a directory: Too many levels"),
    ],
)
def test_what_is_no_directory_below_a_root_is_refused(root: Path, path: str, why: str) -> None:
    (root / "file").write_text("")
    (root / "loop").symlink_to("loop")
    with pytest.raises(InvalidInputError, match=why) as refused:
        resolve_inside(path.format(root=root), {"runs": Root(root)})
    assert refused.value.hint


def test_without_roots_the_hint_says_how_to_add_one() -> None:
    with pytest.raises(InvalidInputError) as refused:
        resolve_inside("/etc", {})
    assert refused.value.hint.startswith("There is no logdir root yet; ")


def test_a_root_given_as_a_link_measures_the_same(root: Path, tmp_path: Path) -> None:
    write(root / "resnet" / EVENTS)
    (tmp_path / "link").symlink_to("runs")
    assert measure(root / "resnet", tmp_path / "link", 4).bytes == 10
