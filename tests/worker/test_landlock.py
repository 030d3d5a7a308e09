"""Giving up files for good, tried in processes of their own."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tbgateway.worker import landlock
from tbgateway.worker.landlock import Right

_TRY = """
import errno, json, os, sys
from tbgateway.worker import kernel, landlock
from tbgateway.worker.landlock import Right
here, given = sys.argv[1], json.loads(sys.argv[2])
kernel.forbid_new_privileges()
landlock.restrict([(path, Right(rights)) for path, rights in given])
def how(attempt, *arguments):
    try:
        attempt(*arguments)
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]
def open_as(mode, name):
    with open(os.path.join(here, name), mode):
        pass
print(json.dumps(dict(
    read=how(open_as, "r", "in/file"),
    list=how(os.listdir, here + "/in"),
    write=how(open_as, "a", "in/file"),
    make=how(open_as, "w", "in/new"),
    remove=how(os.unlink, here + "/in/doomed"),
    outside=how(open_as, "r", "out/file"),
    list_outside=how(os.listdir, here + "/out"),
    through_link=how(open_as, "r", "in/link"),
    signal_parent=how(os.kill, os.getppid(), 0),
    signal_self=how(os.kill, os.getpid(), 0),
)))
"""

EVERYTHING_IS_LOST = {
    "read": "EACCES",
    "list": "EACCES",
    "write": "EACCES",
    "make": "EACCES",
    "remove": "EACCES",
    "outside": "EACCES",
    "list_outside": "EACCES",
    "through_link": "EACCES",
}

pytestmark = pytest.mark.usefixtures("_offered")


@pytest.fixture
def _offered() -> None:
    try:
        landlock.version()
    except OSError:
        pytest.skip("landlock is not offered on this machine")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("in/file", "in/doomed", "out/file"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out" / "file")
    return tmp_path


def attempt(place: Path, *rules: tuple[Path | str, Right]) -> dict[str, str]:
    """Return how each access ends in a process that kept only what `rules` allow."""
    given = json.dumps([(str(path), int(rights)) for path, rights in rules])
    ran = subprocess.run(
        [sys.executable, "-c", _TRY, str(place), given], capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    seen: dict[str, str] = json.loads(ran.stdout)
    return seen


def test_without_rules_no_file_is_left(place: Path) -> None:
    assert EVERYTHING_IS_LOST.items() <= attempt(place).items()


def test_what_may_be_read_may_not_be_changed_and_links_lead_no_further(place: Path) -> None:
    seen = attempt(place, (place / "in", Right.READ))

    assert (seen["read"], seen["list"]) == ("ok", "ok")
    assert {seen["write"], seen["make"], seen["remove"]} == {"EACCES"}
    assert {seen["outside"], seen["list_outside"], seen["through_link"]} == {"EACCES"}


def test_what_may_be_changed_may_be_made_and_removed(place: Path) -> None:
    seen = attempt(place, (place / "in", Right.READ | Right.CHANGE))

    assert {seen["read"], seen["write"], seen["make"], seen["remove"]} == {"ok"}
    assert seen["outside"] == "EACCES"


def test_a_single_file_may_be_named(place: Path) -> None:
    seen = attempt(place, (place / "in" / "file", Right.READ))

    assert (seen["read"], seen["list"]) == ("ok", "EACCES")


def test_rules_for_what_is_not_there_are_passed_over(place: Path) -> None:
    seen = attempt(place, (place / "nowhere", Right.READ), (place / "in", Right.READ))

    assert seen["read"] == "ok"


def test_processes_outside_get_no_signals(place: Path) -> None:
    if landlock.version() < 6:
        pytest.skip("landlock is not offered on this machine")
    seen = attempt(place)

    assert (seen["signal_parent"], seen["signal_self"]) == ("EPERM", "ok")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSYS, "Linux 5.13"),
        (errno.EOPNOTSUPP, "switched off"),
        (errno.EPERM, "forbidden here"),
        (errno.E2BIG, "too long"),
    ],
)
def test_it_is_said_why_it_cannot_be_had(number: int, words: str) -> None:
    assert words in landlock.explain(OSError(number, "Argument list too long"))
