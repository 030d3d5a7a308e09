import os
import shutil
from pathlib import Path

import pytest
from link_site import EVENTS, NOTHING, Site, entries

from tbgateway.domain.errors import InvalidInputError, NamesShadowError
from tbgateway.linktree import Changes


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_new_tree_holds_the_wanted_links(site: Site) -> None:
    wanted = {"a": site.target("a"), "project/run": site.target("b")}
    assert site.reconcile(wanted) == Changes(("a", "project/run"), (), (), ())
    assert site.links() == wanted
    assert (site.tree / "project" / "run" / EVENTS).read_bytes() == b"b" * 10


def test_a_second_call_changes_nothing(site: Site) -> None:
    wanted = {"a": site.target("a"), "project/run": site.target("b")}
    site.reconcile(wanted)
    before = site.tree.stat(), (site.tree / "a").lstat()
    changes = site.reconcile(wanted)
    assert changes == NOTHING
    assert not changes
    assert (site.tree.stat().st_mtime_ns, (site.tree / "a").lstat().st_ino) == (
        before[0].st_mtime_ns,
        before[1].st_ino,
    )


def test_unwanted_links_and_emptied_projects_go(site: Site) -> None:
    site.reconcile({"a": site.target("a"), "p/q/b": site.target("b"), "p/c": site.target("c")})
    assert site.reconcile({"p/c": site.target("c")}).removed == ("a", "p/q/b")
    assert site.links() == {"p/c": site.target("c")}
    assert site.reconcile({}).removed == ("p/c",)
    assert list(site.tree.iterdir()) == []
    site.check_events()


def test_a_link_that_leads_elsewhere_is_repaired(site: Site) -> None:
    site.reconcile({"a": site.target("a")})
    assert site.reconcile({"a": site.target("b")}) == Changes((), (), ("a",), ())
    assert site.links() == {"a": site.target("b")}


def test_a_missing_target_gets_its_link_all_the_same(site: Site) -> None:
    site.reconcile({"later": site.target("later")})
    assert site.links() == {"later": site.target("later")}
    assert site.reconcile({"later": site.target("later")}) == NOTHING


@pytest.mark.parametrize(
    "name",
    [
        "with spaces, and commas",
        "100%",
        "#1?a=b&c",
        'it\'s "quoted"',
        "naïve/模型/🚀",
        "\\backslash",
        "-rf",
        ".hidden",
        "*",
        "root:name",
        f"{'n' * 255}/{'é' * 127}x",
        "/".join(["d"] * 300),
    ],
)
def test_odd_names_become_links(site: Site, name: str) -> None:
    wanted = {name: site.target("a")}
    assert site.reconcile(wanted).created == (name,)
    assert site.links() == wanted
    assert site.reconcile(wanted) == NOTHING
    assert site.reconcile({}).removed == (name,)
    assert site.links() == {}


@pytest.mark.parametrize("name", ["..", "../a", "a/../../b", "/etc", "a//b", "", "a\nb", "\udcff"])
def test_names_that_leave_the_tree_are_refused_before_anything_happens(
    site: Site, name: str
) -> None:
    site.reconcile({"a": site.target("a")})
    with pytest.raises(InvalidInputError):
        site.reconcile({name: site.target("b")})
    assert site.links() == {"a": site.target("a")}


def test_names_that_shadow_each_other_are_refused_before_anything_happens(site: Site) -> None:
    site.reconcile({"a": site.target("a")})
    with pytest.raises(NamesShadowError):
        site.reconcile({"b": site.target("b"), "b/c": site.target("c")})
    assert site.links() == {"a": site.target("a")}


def test_a_link_may_become_a_project_and_back(site: Site) -> None:
    site.reconcile({"a": site.target("a")})
    site.reconcile({"a/1": site.target("a"), "a/2": site.target("b")})
    assert site.links() == {"a/1": site.target("a"), "a/2": site.target("b")}
    site.reconcile({"a": site.target("c")})
    assert site.links() == {"a": site.target("c")}
    site.check_events()


def test_nothing_is_made_or_removed_behind_a_link(site: Site) -> None:
    """A project's place is taken by a link to an experiment: it is replaced, not entered."""
    site.reconcile({})
    (site.tree / "project").symlink_to(site.target("a"))
    site.reconcile({"project/run": site.target("b")})
    assert site.links() == {"project/run": site.target("b")}
    assert entries(site.target("a")) == [EVENTS]


def test_stray_files_are_removed_from_the_tree(site: Site) -> None:
    site.reconcile({"p/a": site.target("a"), "b": site.target("b")})
    (site.tree / EVENTS).write_text("stray")
    (site.tree / "p" / "notes").write_text("stray")
    os.mkfifo(site.tree / "pipe")
    (site.tree / "b").unlink()
    (site.tree / "b").write_text("stray")
    changes = site.reconcile({"p/a": site.target("a"), "b": site.target("b")})
    assert sorted(changes.repaired) == ["b", EVENTS, "p/notes", "pipe"]
    assert site.links() == {"p/a": site.target("a"), "b": site.target("b")}


def test_a_directory_with_files_of_its_own_is_kept_and_told(site: Site) -> None:
    site.reconcile({"b": site.target("b")})
    (site.tree / "a" / "deep").mkdir(parents=True)
    (site.tree / "a" / "deep" / "weights").write_text("precious")
    (site.tree / "a" / "link").symlink_to(site.target("c"))
    (site.tree / "a" / "empty").mkdir()
    changes = site.reconcile({"a": site.target("a"), "b": site.target("b")})
    assert changes.problems == (
        "'a' in the link tree is a directory that holds files of its own: move them away",
    )
    assert changes.removed == ("a/link",)
    assert (site.tree / "a" / "deep" / "weights").read_text() == "precious"
    assert entries(site.tree / "a") == ["deep"]
    assert site.reconcile({"a": site.target("a"), "b": site.target("b")}).problems
    (site.tree / "a" / "deep" / "weights").unlink()
    assert site.reconcile({"a": site.target("a")}).created == ("a",)
    assert site.links() == {"a": site.target("a")}


def test_a_link_goes_even_if_its_project_cannot(site: Site) -> None:
    site.reconcile({"p/secret": site.target("a")})
    (site.tree / "p" / "notes").write_text("kept")
    changes = site.reconcile({})
    assert (changes.removed, len(changes.problems)) == (("p/secret",), 1)
    assert entries(site.tree / "p") == ["notes"]


def test_a_tree_that_is_a_link_or_a_file_is_replaced(site: Site) -> None:
    site.tree.parent.mkdir()
    site.tree.symlink_to(site.runs)
    site.staging.write_text("stray")
    site.reconcile({"a": site.target("a")})
    assert site.links() == {"a": site.target("a")}
    assert not site.tree.is_symlink()
    site.check_events()
    shutil.rmtree(site.tree)
    site.tree.write_text("stray")
    site.reconcile({"a": site.target("a")})
    assert site.links() == {"a": site.target("a")}


def test_what_was_left_in_staging_does_no_harm(site: Site) -> None:
    site.staging.mkdir(parents=True)
    (site.staging / "link").symlink_to(site.target("a"))
    (site.staging / "file").write_text("")
    (site.staging / "directory").mkdir()
    site.reconcile({"a": site.target("a")})
    assert site.links() == {"a": site.target("a")}
    assert entries(site.staging) == ["directory"]


def test_undecodable_names_in_the_tree_are_removed_and_told_printably(site: Site) -> None:
    site.reconcile({})
    (site.tree / os.fsdecode(b"l\xff")).symlink_to("/etc")
    (site.tree / os.fsdecode(b"d\xff")).mkdir()
    (site.tree / os.fsdecode(b"d\xff") / "file").write_text("")
    changes = site.reconcile({})
    assert changes.removed == ("l\\udcff",)
    assert len(changes.problems) == 1
    "".join(changes.problems).encode()


def test_a_deep_stray_directory_is_removed(site: Site) -> None:
    site.reconcile({})
    path = site.tree
    for _ in range(1500):
        path /= "d"
        path.mkdir()
    site.reconcile({"a": site.target("a")})
    assert site.links() == {"a": site.target("a")}


def test_what_the_file_system_refuses_is_a_problem_of_that_name_only(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.symlink_to

    def full(self: Path, target: str) -> None:
        if target.endswith("/b"):
            raise OSError(28, "No space left on device")
        real(self, target)

    monkeypatch.setattr(Path, "symlink_to", full)
    wanted = {name: site.target(name) for name in "abc"}
    changes = site.reconcile(wanted)
    assert changes.problems == ("'b' cannot be put right: No space left on device",)
    assert set(site.links()) == {"a", "c"}
    monkeypatch.undo()
    assert site.reconcile(wanted).created == ("b",)
