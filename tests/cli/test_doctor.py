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
        "state directory",
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
