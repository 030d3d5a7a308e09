import json
from pathlib import Path

import pytest
from command_line import Run

from tbgateway.cli import doctor
from tbgateway.store import filesystems


def test_it_looks_at_everything_that_matters(tbgateway: Run) -> None:
    done = tbgateway("doctor", "-o", "json")
    found = {one["name"]: one for one in json.loads(done.out)}
    assert set(found) == {
        "kernel",
        "python",
        "tensorboard",
        "data server",
        "network namespaces",
        "landlock",
        "control groups",
        "state directory",
        "plugins",
    }
    assert done.code == (1 if any(one["verdict"] == "failed" for one in found.values()) else 0)


def test_every_remark_comes_with_advice(tbgateway: Run) -> None:
    for check in json.loads(tbgateway("doctor", "-o", "json").out):
        assert check["verdict"] == "ok" or check["advice"]


def test_a_state_directory_that_cannot_be_made_fails(tbgateway: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = tbgateway("doctor", "--state-dir", str(tmp_path / "file" / "state"))
    assert done.code == 1
    assert f"{tmp_path}/file cannot be written to" in done.out


def test_the_state_directory_and_the_plugins_are_those_of_the_settings(
    tbgateway: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    config = tmp_path / "tbgateway.toml"
    config.write_text(
        f'[state]\ndir = "{tmp_path}/file/state"\n[boards]\nplugins = ["elsewhere"]\n'
    )
    done = tbgateway("doctor", "--config", str(config), "-o", "json")
    found = {one["name"]: one["found"] for one in json.loads(done.out)}
    assert (done.code, found["state directory"]) == (1, f"{tmp_path}/file cannot be written to")
    assert found["plugins"] == "elsewhere is not installed"


def test_settings_that_the_gateway_would_refuse_are_refused(tbgateway: Run, tmp_path: Path) -> None:
    config = tmp_path / "tbgateway.toml"
    config.write_text(f'[logdirs]\nruns = "{tmp_path}/runs"\n')
    state = tmp_path / "runs" / "state"
    done = tbgateway("doctor", "--config", str(config), "--state-dir", str(state))
    assert done.code == 2
    assert "lies in the logdir root" in done.err


def test_a_python_that_cannot_be_run_is_told(
    tbgateway: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "python"
    closed.touch(mode=0o600)
    monkeypatch.setattr("sys.executable", str(closed))
    done = tbgateway("doctor", "-o", "json")
    found = {one["name"]: one for one in json.loads(done.out)}
    assert (done.code, found["python"]["verdict"]) == (1, "failed")
    assert found["python"]["found"] == f"{closed} cannot be run: Permission denied"
    assert "/opt" in found["python"]["advice"]


def test_a_check_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_PATIENCE", 0.001)
    assert "not done after 0.001 s" in doctor._python().found


@pytest.mark.parametrize("kind", ["nfs4", "ceph"])
def test_what_the_gateway_would_refuse_fails(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x / {kind} rw 0 0\n")
    monkeypatch.setattr(filesystems, "_MOUNTS", mounts)
    check = doctor._state(tmp_path / "state")
    assert (check.verdict, check.found) == ("failed", f"{tmp_path}/state on {kind}")
    assert "--state-dir" in check.advice


@pytest.mark.parametrize(
    ("found", "verdict", "advice"),
    [
        ("7", "ok", ""),
        ("3", "ok", "Linux 6.12"),
        ("the kernel has Landlock switched off", "warning", "lsm="),
    ],
)
def test_what_landlock_cannot_do_here_is_told(found: str, verdict: str, advice: str) -> None:
    check = doctor._judge_landlock(found)
    assert check.verdict == verdict
    assert advice in check.advice


def test_plugins_that_are_allowed_and_not_installed_are_told() -> None:
    check = doctor._plugins(("elsewhere",))
    assert (check.verdict, check.found) == ("warning", "elsewhere is not installed")
    assert "boards.plugins" in check.advice


def test_without_third_party_plugins_nothing_is_tried() -> None:
    assert doctor._plugins(()).found == "TensorBoard's own"
