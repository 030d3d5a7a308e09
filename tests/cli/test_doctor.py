import json
from pathlib import Path

from command_line import Run

from tbgateway.cli import doctor


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


def test_the_deepest_mount_tells_the_file_system() -> None:
    assert doctor._file_system(Path("/proc/self")) == "proc"
