"""What is left to a board process, tried in processes of their own."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tbgateway.worker import landlock
from tbgateway.worker.confinement import enter_group, go_first_when_memory_ends

_TRY = """
import errno, json, os, resource, subprocess, sys, tempfile
from tbgateway.worker import confinement, kernel
root, temporary, other = sys.argv[1:]
os.environ["TMPDIR"] = temporary
unasked = confinement.go_first_when_memory_ends()
confinement.limit_resources(own_users=False)
kernel.forbid_new_privileges()
problem = confinement.confine(readable=[root], writable=temporary, executable="/bin/true")
def how(attempt, *arguments):
    try:
        attempt(*arguments)
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]
def run(*command):
    subprocess.run(command, check=True)
def grow():
    with tempfile.TemporaryFile() as file:
        file.truncate(1 << 40)
def late_import():
    import colorsys, wsgiref.simple_server, tensorboard.plugins.mesh.metadata
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print(json.dumps(dict(
    problem=problem,
    unasked=unasked,
    root=how(os.listdir, root),
    other=how(os.listdir, other),
    home=how(os.listdir, os.path.expanduser("~")),
    passwd=how(open, "/etc/passwd"),
    environ=how(open, "/proc/%d/environ" % os.getppid()),
    write_root=how(open, os.path.join(root, "new"), "w"),
    write_temporary=how(open, os.path.join(temporary, "new"), "w"),
    null=how(open, os.devnull, "w"),
    random=how(open, "/dev/urandom", "rb"),
    program=how(run, "/bin/true"),
    shell=how(run, "/bin/sh", "-c", "true"),
    late_import=how(late_import),
    huge_file=how(grow),
    oom=open("/proc/self/oom_score_adj").read().strip(),
    core=resource.getrlimit(resource.RLIMIT_CORE),
    files=resource.getrlimit(resource.RLIMIT_NOFILE),
)))
"""


@pytest.fixture
def seen(tmp_path: Path) -> dict[str, object]:
    """Return how a confined process fares."""
    try:
        landlock.version()
    except OSError:
        pytest.skip("landlock is not offered on this machine")
    places = [tmp_path / name for name in ("root", "temporary", "other")]
    for place in places:
        place.mkdir()
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _TRY, *map(str, places)],
        capture_output=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert ran.returncode == 0, ran.stderr.decode()
    told: dict[str, object] = json.loads(ran.stdout)
    assert told["problem"] == told["unasked"] == ""
    return told


def test_logdirs_are_read_and_nothing_of_anybody_else(seen: dict[str, object]) -> None:
    assert seen["root"] == "ok"
    assert {seen[name] for name in ("other", "home", "passwd", "environ")} == {"EACCES"}


def test_only_the_temporary_directory_is_written(seen: dict[str, object]) -> None:
    assert seen["write_temporary"] == "ok"
    assert seen["write_root"] == "EACCES"


def test_only_one_program_may_be_started(seen: dict[str, object]) -> None:
    assert seen["program"] == "ok"
    assert seen["shell"] == "EACCES"


def test_python_has_what_it_needs(seen: dict[str, object]) -> None:
    assert {seen[name] for name in ("null", "random", "late_import")} == {"ok"}


def test_resources_are_limited(seen: dict[str, object]) -> None:
    assert seen["oom"] == str(max(500, int(Path("/proc/self/oom_score_adj").read_text())))
    assert seen["core"] == [0, 0]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert seen["files"] == [min(65_536, hard)] * 2 or soft > hard
    assert seen["huge_file"] == "EFBIG"


@pytest.mark.parametrize(("before", "after"), [("0", "500"), ("500", "500"), ("900", "900")])
def test_a_process_never_asks_to_go_later_than_it_already_would(
    tmp_path: Path, before: str, after: str
) -> None:
    adjustment = tmp_path / "oom_score_adj"
    adjustment.write_text(f"{before}\n")

    assert go_first_when_memory_ends(adjustment) == ""
    assert adjustment.read_text().strip() == after


def test_where_it_may_not_ask_that_is_told(tmp_path: Path) -> None:
    problem = go_first_when_memory_ends(tmp_path / "oom_score_adj")

    assert problem == "oom_score_adj: No such file or directory"


def test_a_group_that_cannot_be_entered_is_told_and_no_group_is_none(tmp_path: Path) -> None:
    assert enter_group("") == ""
    assert enter_group(str(tmp_path / "gone")) == "No such file or directory"
    assert enter_group(str(tmp_path)) == ""
    assert (tmp_path / "cgroup.procs").read_bytes() == b"0"  # whoever writes it


def test_a_board_stands_back_for_the_gateway() -> None:
    program = "import os; from tbgateway.worker import confinement\nconfinement.stand_back()\n"
    command = [sys.executable, "-c", f"{program}print(os.nice(0))"]

    nice = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert int(nice) == min(os.nice(0) + 5, 19)
