"""What all but the first process of a distributed training do, and say."""

import logging
from pathlib import Path

import pytest

import tbgateway
from tbgateway.domain.errors import InvalidInputError
from tbgateway.training.ranks import is_first, what_says_another
from tbgateway.training.run import run
from tbgateway.training.run_order import parse_order

pytestmark = pytest.mark.usefixtures("own_home")
NOBODY = "http://127.0.0.1:9"
THROWN_AWAY = (
    "not the first process (SLURM_PROCID=1): what it writes is thrown away when it ends;"
    " give logdir= to keep it."
)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


@pytest.fixture
def second(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_home.is_dir()  # which forgets the ranks that there were
    monkeypatch.setenv("SLURM_PROCID", "1")


@pytest.mark.usefixtures("second")
def test_that_files_are_thrown_away_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with tbgateway.experiment("resnet", url=NOBODY) as exp:
        assert Path(exp.logdir).is_dir()
    assert warnings(caplog) == [f"tbgateway: resnet: {THROWN_AWAY}"]


@pytest.mark.usefixtures("second")
def test_a_command_is_told_as_well(caplog: pytest.LogCaptureFixture) -> None:
    assert run(parse_order(["--name", "resnet", "--url", NOBODY, "--", "true"])) == 0
    assert any(THROWN_AWAY in one for one in warnings(caplog))


@pytest.mark.usefixtures("second")
def test_a_given_directory_is_used_and_nothing_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with tbgateway.experiment("resnet", logdir=tmp_path / "a" / "b", url=NOBODY) as exp:
        assert exp.logdir == str(tmp_path / "a" / "b")
        exp.describe(tags="a")
    assert not list((tmp_path / "a" / "b").iterdir())
    assert not warnings(caplog)


@pytest.mark.usefixtures("second")
def test_a_given_directory_that_cannot_be_used_is_a_wrong_argument(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    exp = tbgateway.experiment("resnet", logdir=tmp_path / "file" / "x", url=NOBODY)
    with pytest.raises(InvalidInputError, match="No event files can be written"):
        exp.start()


@pytest.mark.parametrize(
    "environ",
    [
        {"RANK": "-1"},
        {"RANK": "-1", "LOCAL_RANK": "-1"},
        {"LOCAL_RANK": "-1", "NODE_RANK": "1"},
        {"LOCAL_RANK": "0", "NODE_RANK": "-1"},
        {"RANK": "-1", "SLURM_PROCID": "0"},
    ],
)
def test_a_negative_rank_is_none(environ: dict[str, str]) -> None:
    assert is_first(environ)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"RANK": "-1", "SLURM_PROCID": "1"}, "SLURM_PROCID=1"),
        ({"LOCAL_RANK": "2"}, "LOCAL_RANK=2"),
        ({"LOCAL_RANK": "0", "GROUP_RANK": "3"}, "GROUP_RANK=3"),
        ({"TF_CONFIG": '{"task": {"type": "worker", "index": 1}}'}, "TF_CONFIG"),
    ],
)
def test_the_variable_is_named(environ: dict[str, str], told: str) -> None:
    assert what_says_another(environ) == told
