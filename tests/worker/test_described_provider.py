"""What TensorBoard's dashboards show of described experiments, beside what scripts wrote."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from event_writer import write_scalars
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter
from told_dashboards import hparams, load, texts, write_columns, write_session

from tbgateway.worker.described_provider import DescribedProvider
from tbgateway.worker.descriptions_file import DescriptionsFile

Describe = Callable[[Mapping[str, Any] | str], Any]
LOSS = {"loss": [1.0, 0.25]}


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    """Return a logdir with `plain` (train, validation), `torch` and `keras`, with own hparams."""
    logdir = tmp_path / "logdir"
    write_scalars(logdir / "plain" / "train", LOSS)
    write_scalars(logdir / "plain" / "validation", {"loss": [0.5], "accuracy": [0.9]})
    write_scalars(logdir / "torch", LOSS)
    write_session(
        logdir / "torch" / "163.2", {"lr": 0.1, "opt": "adam"}, {"hparam/acc": 0.75}, columns=True
    )
    write_session(logdir / "keras", {"units": 16}, {"epoch_loss": 0.5}, columns=False)
    return logdir


@pytest.fixture
def describe(logdir: Path, tmp_path: Path) -> Describe:
    """Return a function that describes experiments and returns the provider of all data then."""
    path = tmp_path / "descriptions.json"

    def describe(told: Mapping[str, Any] | str) -> Any:
        unfinished = path.with_suffix(".new")
        unfinished.write_text(told if isinstance(told, str) else json.dumps(told))
        unfinished.replace(path)
        return DescribedProvider(load(logdir), DescriptionsFile(str(path)))

    return describe


def params(**of: Mapping[str, object]) -> dict[str, Any]:
    return {link: {"params": values} for link, values in of.items()}


def test_a_described_experiment_is_one_row_with_the_metrics_of_all_its_runs(
    describe: Describe,
) -> None:
    shown = hparams(describe(params(plain={"lr": 0.01, "layers": 3, "amp": True})))
    assert shown.rows["plain"] == {"lr": 0.01, "layers": 3.0, "amp": True}
    assert shown.values["plain"] == {
        ("train", "loss"): 0.25,
        ("validation", "loss"): 0.5,
        ("validation", "accuracy"): pytest.approx(0.9),
    }


def test_what_scripts_wrote_themselves_stays_beside_it(describe: Describe, logdir: Path) -> None:
    stock = hparams(load(logdir))
    assert set(stock.columns) == {"lr", "opt"}, "stock knows the first script's columns only"
    shown = hparams(describe(params(plain={"lr": 0.01})))
    assert shown.rows.keys() == {"plain", "torch/163.2", "keras"}
    assert shown.rows["torch/163.2"] == {"lr": 0.1, "opt": "adam"}
    assert shown.rows["keras"] == {"units": 16.0}
    assert shown.values["torch/163.2"] == {("", "hparam/acc"): 0.75}
    assert shown.values["keras"] == {("", "epoch_loss"): 0.5}
    assert set(shown.columns) == {"lr", "opt", "units"}


@pytest.mark.parametrize("where", ["tf", "tf/config"])
@pytest.mark.parametrize("told", ["tf", "plain"])
def test_columns_that_a_script_declared_stay_and_take_up_the_values_of_others(
    logdir: Path, describe: Describe, where: str, told: str
) -> None:
    write_columns(logdir / where, "units", [16, 32], "epoch_loss")
    for name, units in (("a", 16), ("b", 32)):
        write_session(logdir / "tf" / name, {"units": units}, {"not/declared": 1.0}, columns=False)
        write_scalars(logdir / "tf" / name / "val", {"epoch_loss": [0.5]})
    shown = hparams(describe(params(**{told: {"units": 64, "seed": 7}})))

    own = shown.rows["tf/a"]
    assert own == ({"units": 16.0, "seed": 7.0} if told == "tf" else {"units": 16.0})
    assert shown.values["tf/a"][("val", "epoch_loss")] == 0.5
    assert shown.columns["units"]["displayName"] == "Chosen"
    assert shown.columns["units"]["domainDiscrete"] == [16, 32, *([64] if told == "plain" else [])]
    # Where only the script knows what is its experiment, its columns hold for what lies below.
    ruled = where == "tf" or told == "tf"
    assert (("", "not/declared") in shown.metrics) is not ruled


@pytest.mark.parametrize(("link", "row"), [("torch", "torch/163.2"), ("keras", "keras")])
def test_ours_are_added_to_a_scripts_own_row_where_it_did_not_say_them(
    describe: Describe, link: str, row: str
) -> None:
    said = {"lr": 99, "units": 99, "dataset": "cifar"}
    own = hparams(describe(params(plain={"x": 1}))).rows[row]
    shown = hparams(describe(params(**{link: said})))
    assert shown.rows[row] == {**said, **own, "dataset": "cifar"}
    assert link == row or link not in shown.rows, "not a second row for the same experiment"


def test_the_other_runs_of_an_experiment_join_its_only_own_row(
    describe: Describe, logdir: Path
) -> None:
    write_scalars(logdir / "torch" / "val", {"loss": [0.5]})
    shown = hparams(describe(params(torch={"dataset": "cifar"})))
    assert shown.rows.keys() == {"torch/163.2", "keras"}
    assert shown.rows["torch/163.2"] == {"lr": 0.1, "opt": "adam", "dataset": "cifar"}
    assert shown.values["torch/163.2"] == {
        ("", "hparam/acc"): 0.75,
        ("", "loss"): 0.25,
        ("val", "loss"): 0.5,
    }


def test_they_do_not_where_two_metrics_of_one_name_would_become_their_mean(
    describe: Describe, logdir: Path
) -> None:
    write_scalars(logdir / "alike", LOSS)
    write_session(logdir / "alike" / "1", {"lr": 1}, {"loss": 9.0}, columns=True)
    assert hparams(describe(params(alike={"dataset": "cifar"}))).values["alike/1"] == {
        ("", "loss"): 9.0
    }


def test_an_experiment_of_which_nothing_is_loaded_yet_is_a_row_and_no_run(
    describe: Describe,
) -> None:
    provider = describe({"soon": {"params": {"lr": 1}, "notes": "It begins at noon."}})
    assert hparams(provider).rows["soon"] == {"lr": 1.0}
    names = [run.run_name for run in provider.list_runs(RequestContext(), experiment_id="")]
    assert "soon" not in names


def test_every_filter_offers_every_value(describe: Describe) -> None:
    said = params(
        plain={"lr": 0.5, "größe": 'ä"\\<b>', "amp": False, "n": 2**53},
        keras={"größe": "klein", "amp": True},
    )
    columns = hparams(describe(said)).columns
    assert columns["lr"]["domainInterval"] == {"minValue": 0.1, "maxValue": 0.5}
    assert columns["lr"]["differs"]
    assert columns["größe"]["domainDiscrete"] == ["klein", 'ä"\\<b>']
    assert columns["amp"]["domainDiscrete"] == [False, True]
    chosen = {"hparam": "größe", "filterDiscrete": ['ä"\\<b>'], "excludeMissingValues": True}
    assert hparams(describe(said), colParams=[chosen]).rows.keys() == {"plain"}


def test_a_parameter_of_several_kinds_is_text_for_all(describe: Describe) -> None:
    said = params(plain={"lr": "auto"}, keras={"lr": 3})
    shown = hparams(describe(said))
    assert {row: values.get("lr") for row, values in shown.rows.items()} == {
        "plain": "auto",
        "keras": "3",
        "torch/163.2": "0.1",
    }
    assert shown.columns["lr"]["type"] == "DATA_TYPE_STRING"
    assert shown.columns["lr"]["domainDiscrete"] == ["0.1", "3", "auto"]
    chosen = {"hparam": "lr", "filterDiscrete": ["0.1"], "excludeMissingValues": True}
    assert hparams(describe(said), colParams=[chosen]).rows.keys() == {"torch/163.2"}


def test_the_most_telling_metrics_come_first_after_what_scripts_declared(
    describe: Describe,
) -> None:
    shown = hparams(describe(params(plain={"lr": 1})))
    assert shown.metrics == [
        ("", "hparam/acc"),
        ("train", "loss"),
        ("validation", "loss"),
        ("", "epoch_loss"),
        ("validation", "accuracy"),
    ]


def test_without_parameters_all_is_as_stock_shows_it(describe: Describe, logdir: Path) -> None:
    stock = hparams(load(logdir))
    assert hparams(describe({})) == stock
    assert hparams(describe({"plain": {"notes": "only notes"}})) == stock


def test_one_damaged_session_costs_no_other_row(
    describe: Describe, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = describe(params(plain={"lr": 1}))
    usual = provider._stock.list_tensors

    def damage(*args: Any, **question: Any) -> Any:
        found = usual(*args, **question)
        found["keras"]["_hparams_/session_start_info"]._plugin_content = b"\xff\xff"
        return found

    provider._stock.list_tensors = damage
    assert hparams(provider).rows.keys() == {"plain", "torch/163.2"}
    told = "_hparams_/session_start_info of 'keras' is left out"
    assert capsys.readouterr().err.count(told) == 1


def test_hundreds_of_odd_parameters_are_shown(describe: Describe) -> None:
    odd = {f"<script>alert({n})</script>": f"</script>{n}\U0001f600" for n in range(1000)}
    shown = hparams(describe(params(plain=odd)))
    assert shown.rows["plain"] == odd
    assert odd.keys() <= shown.columns.keys()


def test_notes_and_tags_are_texts_of_the_experiment(describe: Describe) -> None:
    notes = "# Why\n\n<script>alert(1)</script> [here](javascript:alert(1)) *so*"
    shown = texts(describe({"plain": {"notes": notes, "tags": ["a_b_c", "<b>"]}}))
    assert shown["plain"].keys() == {"tbgateway/notes", "tbgateway/tags"}
    html = shown["plain"]["tbgateway/notes"]
    assert "<h1>Why</h1>" in html
    assert "<em>so</em>" in html
    assert "<script" not in html
    assert "javascript:" not in html
    assert shown["plain"]["tbgateway/tags"] == "<p>a_b_c, &lt;b&gt;</p>"


def test_an_experiment_with_notes_is_a_run_so_that_it_can_be_chosen(describe: Describe) -> None:
    provider = describe({"plain": {"notes": "hm"}, "keras": {"tags": ["t"]}})
    runs = provider.list_runs(RequestContext(), experiment_id="")
    names = [run.run_name for run in runs]
    assert sorted(names) == [
        "keras", "plain", "plain/train", "plain/validation", "torch", "torch/163.2",
    ]  # fmt: skip
    began = {run.run_name: run.start_time for run in runs}
    assert began["plain"] == min(began["plain/train"], began["plain/validation"])


def test_only_the_texts_that_are_asked_for_are_read(describe: Describe) -> None:
    provider = describe({"plain": {"notes": "hm", "tags": ["t"]}, "keras": {"notes": "so"}})

    def ask(only: RunTagFilter) -> dict[str, list[str]]:
        question = {"experiment_id": "", "plugin_name": "text", "run_tag_filter": only}
        read = provider.read_tensors(RequestContext(), **question, downsample=10)
        listed = provider.list_tensors(RequestContext(), **question)
        assert {run: [*tags] for run, tags in listed.items()} == {
            run: [*tags] for run, tags in read.items()
        }
        return {run: [*tags] for run, tags in read.items()}

    assert ask(RunTagFilter(runs=["plain"], tags=["tbgateway/tags"])) == {
        "plain": ["tbgateway/tags"]
    }
    assert ask(RunTagFilter(runs=["plain"], tags=["other"])) == {}
    assert ask(RunTagFilter(tags=["tbgateway/notes"])).keys() == {"plain", "keras"}


@pytest.mark.parametrize(
    ("told", "more"),
    [
        ({}, set()),
        ({"a": {}}, set()),
        ({"a": {"params": {"x": 1}}}, {"hparams"}),
        ({"a": {"tags": ["t"]}}, {"text"}),
    ],
)
def test_dashboards_are_active_for_what_is_said(
    tmp_path: Path, told: Mapping[str, Any], more: set[str]
) -> None:
    write_scalars(tmp_path / "logdir" / "a", LOSS)
    path = tmp_path / "d.json"
    path.write_text(json.dumps(told))
    provider = DescribedProvider(load(tmp_path / "logdir"), DescriptionsFile(str(path)))
    plugins = provider.list_plugins(RequestContext(), experiment_id="")
    assert sorted(plugins) == sorted({"scalars", *more})


def test_whatever_fails_here_the_dashboards_show_the_event_files(
    describe: Describe, logdir: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    provider = describe({"plain": {"params": {"lr": 1}, "notes": "hm"}})

    def fail(*_: object) -> None:
        raise LookupError("what nobody thought of")

    for name in ("list_texts", "read_texts", "_plugins", "_runs"):
        monkeypatch.setattr(f"tbgateway.worker.described_provider.{name}", fail)
    monkeypatch.setattr("tbgateway.worker.hparams_answers.join", fail)
    stock = load(logdir)
    assert hparams(provider) == hparams(stock)
    assert texts(provider) == texts(stock) == {}
    for ask in ("list_runs", "list_plugins"):
        mine, others = (
            getattr(one, ask)(RequestContext(), experiment_id="") for one in (provider, stock)
        )
        assert list(mine) == list(others)
    assert capsys.readouterr().err.count("descriptions are not shown") == 4


def test_everything_else_is_the_stock_providers(describe: Describe) -> None:
    provider = describe({})
    assert provider.list_blob_sequences == provider._stock.list_blob_sequences
    assert provider.read_last_scalars == provider._stock.read_last_scalars
