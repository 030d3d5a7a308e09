"""What is made anew for a question about parameters, and what Time Series makes of the answers."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from event_writer import write_scalars
from told_dashboards import hparams, load, run_params, write_session

from tbgateway.worker.described_provider import DescribedProvider
from tbgateway.worker.descriptions_file import DescriptionsFile

LOSS = {"loss": [1.0, 0.25]}
Say = Callable[[Mapping[str, Any]], None]


class Counting:
    """A data provider that counts how often scalars are listed."""

    def __init__(self, logdir: Path) -> None:
        self.listed = 0
        self._logdir = logdir
        self._data = load(logdir)

    def reload(self) -> None:
        self._data = load(self._logdir)

    def list_scalars(self, *about: Any, **question: Any) -> Any:
        self.listed += 1
        return self._data.list_scalars(*about, **question)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._data, name)


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    logdir = tmp_path / "logdir"
    for run in ("exp1", "exp1/val", "exp10", "exp10/val", "exp1-b/train"):
        write_scalars(logdir / run, LOSS)
    return logdir


@pytest.fixture
def stock(logdir: Path) -> Counting:
    return Counting(logdir)


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """Return a function that says the parameters of experiments."""

    def say(params: Mapping[str, Any]) -> None:
        told = {link: {"params": values, "notes": "hm"} for link, values in params.items()}
        unfinished = tmp_path / "descriptions.new"
        unfinished.write_text(json.dumps(told))
        unfinished.replace(tmp_path / "descriptions.json")

    return say


@pytest.fixture
def provider(tmp_path: Path, stock: Counting) -> DescribedProvider:
    return DescribedProvider(stock, DescriptionsFile(str(tmp_path / "descriptions.json")))


def test_scalars_are_listed_once_for_many_questions(
    provider: DescribedProvider, stock: Counting, say: Say
) -> None:
    say({"exp1": {"lr": 1}})
    first = hparams(provider)
    assert stock.listed == 1
    assert hparams(provider) == first
    run_params(provider)
    assert stock.listed == 1


def test_what_is_said_anew_is_shown_at_once(provider: DescribedProvider, say: Say) -> None:
    say({"exp1": {"lr": 1}})
    hparams(provider)
    say({"exp1": {"lr": 2}})
    assert hparams(provider).rows == {"exp1": {"lr": 2.0}}
    say({})
    assert hparams(provider).rows == {}


def test_what_scripts_write_anew_is_shown_at_once(
    provider: DescribedProvider, stock: Counting, say: Say, logdir: Path
) -> None:
    say({"exp1": {"lr": 1}})
    hparams(provider)
    write_session(logdir / "exp10", {"units": 16}, {"acc": 0.5}, columns=False)
    stock.reload()
    assert hparams(provider).rows == {"exp1": {"lr": 1.0}, "exp10": {"units": 16.0}}


def test_where_no_parameters_are_said_all_is_as_stock_shows_it(
    provider: DescribedProvider, stock: Counting, say: Say, logdir: Path
) -> None:
    write_session(logdir / "exp1", {"units": 16}, {"acc": 0.5}, columns=False)
    stock.reload()
    say({"exp1": {}})
    shown = run_params(provider)
    assert {run: shown[run] for run in run_params(stock)} == run_params(stock)
    assert stock.listed == 0


def test_time_series_shows_no_run_with_parameters_of_one_whose_name_it_begins_with(
    provider: DescribedProvider, say: Say
) -> None:
    say({"exp1": {"lr": 1}, "exp1-b": {}})
    assert run_params(provider) == {
        "exp1": {"lr": 1.0},
        "exp1/val": {"lr": 1.0},
        "exp10": {},
        "exp10/val": {},
        "exp1-b": {},  # which is a run for its notes
        "exp1-b/train": {},
    }
    assert hparams(provider).rows == {"exp1": {"lr": 1.0}}, "and no row more in the dashboard"


def test_time_series_shows_those_of_the_own_experiment_beside_runs_of_like_names(
    provider: DescribedProvider, stock: Counting, say: Say, logdir: Path
) -> None:
    write_session(logdir / "exp1" / "v", {"units": 16}, {"acc": 0.5}, columns=False)
    stock.reload()
    say({"exp1": {"lr": 1}})
    shown = run_params(provider)
    assert shown["exp1/v"] == {"units": 16.0, "lr": 1.0}
    assert shown["exp1/val"] == shown["exp1"]
