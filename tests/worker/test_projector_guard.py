"""The projector of the installed TensorBoard, guarded; and one that we do not know."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tensorboard.plugins.projector import projector_plugin
from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin

from tbgateway.worker.projector_guard import ProjectorLoader

CONFIG = "projector_config.pbtxt"


class Tree:
    """A board's tree of links, and TensorBoard's context for it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.logdir = home / "tree"
        self.logdir.mkdir()
        provider = SimpleNamespace(list_runs=self._list_runs)
        self.context = SimpleNamespace(data_provider=provider, logdir=str(self.logdir))

    def add(self, name: str, tensor: str = "t.tsv") -> Path:
        directory = self.home / "experiments" / name
        directory.mkdir(parents=True)
        (directory / "t.tsv").write_text("1\t2\n3\t4\n")
        (directory / CONFIG).write_text(f'embeddings {{ tensor_path: "{tensor}" }}')
        (self.logdir / name).symlink_to(directory)
        return directory

    def _list_runs(self, _context: Any, *, experiment_id: str) -> list[Any]:
        assert experiment_id == ""
        return [
            SimpleNamespace(run_name=name)
            for name in sorted(one.name for one in self.logdir.iterdir())
        ]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_the_installed_projector_is_guarded(tree: Tree) -> None:
    plugin = ProjectorLoader(ProjectorPlugin).load(tree.context)
    assert isinstance(plugin, ProjectorPlugin)
    assert type(plugin) is not ProjectorPlugin
    assert not plugin.is_active()


def test_it_is_active_at_the_first_question_and_leaves_bad_runs_out(tree: Tree) -> None:
    tree.add("good")
    tree.add("bad", tensor="gone.tsv")
    loader = ProjectorLoader(ProjectorPlugin)
    plugin = loader.load(tree.context)
    assert plugin.is_active()
    assert list(plugin._configs) == ["good"]
    assert loader.survey is not None
    assert list(loader.survey.problems()) == ["bad"]


def test_what_changes_is_looked_at_again(tree: Tree) -> None:
    directory = tree.add("one", tensor="later.tsv")
    loader = ProjectorLoader(ProjectorPlugin)
    plugin = loader.load(tree.context)
    assert loader.survey is not None
    assert not plugin.is_active()

    (directory / "later.tsv").write_text("1\t2\n")
    assert plugin.is_active()
    assert loader.survey.problems() == {}
    plugin.tensor_cache.set(("one", "later.tsv"), "stale")
    (directory / "later.tsv").write_text("1\t2\n3\t4\n")
    assert plugin.is_active()
    assert plugin.tensor_cache.get(("one", "later.tsv")) is None
    assert list(plugin._configs["one"].embeddings[0].tensor_shape) == [2, 2]


def test_nothing_is_read_twice_while_nothing_changes(tree: Tree) -> None:
    tree.add("one")
    loader = ProjectorLoader(ProjectorPlugin)
    loader.load(tree.context)
    assert loader.survey is not None
    assert loader.survey.take()["one"] is loader.survey.take()["one"]


def test_a_link_deeper_in_the_run_leads_out_of_the_experiment(tree: Tree) -> None:
    elsewhere = tree.add("other")
    (tree.add("one") / CONFIG).unlink()
    (tree.home / "experiments" / "one" / CONFIG).symlink_to(elsewhere / CONFIG)
    loader = ProjectorLoader(ProjectorPlugin)
    loader.load(tree.context)
    assert loader.survey is not None
    assert loader.survey.problems() == {"one": f"{CONFIG} leads out of the experiment"}


def test_a_projector_whose_module_we_do_not_know_is_left_as_it_is(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(projector_plugin, "ProjectorConfig")
    assert type(ProjectorLoader(ProjectorPlugin).load(tree.context)) is ProjectorPlugin


@pytest.mark.parametrize("missing", ["_configs", "config_fpaths", "tensor_cache"])
def test_a_projector_that_keeps_its_files_elsewhere_is_left_as_it_is(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    usual = ProjectorPlugin.__init__

    def make(self: Any, context: Any) -> None:
        usual(self, context)
        delattr(self, missing)

    monkeypatch.setattr(ProjectorPlugin, "__init__", make)
    assert type(ProjectorLoader(ProjectorPlugin).load(tree.context)) is ProjectorPlugin


def test_a_projector_that_updates_in_another_way_is_left_as_it_is(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ProjectorPlugin, "_update_configs")
    loader = ProjectorLoader(ProjectorPlugin)
    assert type(loader.load(tree.context)) is ProjectorPlugin
    tree.add("bad", tensor="gone.tsv")
    assert loader.survey is not None
    assert list(loader.survey.problems()) == ["bad"], "its problems are told all the same"
