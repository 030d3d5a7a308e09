"""The shipped systemd unit: valid, tight, explained, and in step with the program."""

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tbgateway.domain.locations import SYSTEM_RUNTIME_DIR
from tbgateway.settings import Boards, Server

UNIT = Path(__file__).parents[2] / "systemd" / "tbgateway.service"
_SELF_EVIDENT = {"Description", "Documentation", "WantedBy"}


def directives() -> Mapping[str, Sequence[str]]:
    """Return every directive's values, in order."""
    found = defaultdict(list)
    for line in UNIT.read_text().splitlines():
        if re.match(r"[A-Z][A-Za-z]+=", line):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def only(name: str) -> str:
    """Return the one value of a directive that stands once."""
    (value,) = directives()[name]
    return value


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    command = ["systemd-analyze", "--no-pager", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return a copy whose program exists on this machine: that is checked, too."""
    copy = tmp_path / UNIT.name
    text = UNIT.read_text()
    copy.write_text(text.replace("/opt/tbgateway/bin/tbgateway", "/bin/true"))
    return copy


@pytest.mark.slow
def test_systemd_finds_nothing_to_complain_about(unit: Path) -> None:
    verdict = analyze("verify", "--man=no", str(unit))

    assert verdict.returncode == 0, verdict.stderr
    assert unit.name not in verdict.stderr


@pytest.mark.slow
def test_little_is_exposed(unit: Path) -> None:
    verdict = analyze("security", "--offline=true", "--threshold=25", str(unit))

    assert verdict.returncode == 0, verdict.stdout
    assert "Overall exposure level" in verdict.stdout


def test_every_directive_says_why_it_is_there() -> None:
    """A comment stands above each, or above the group of lines it belongs to."""
    above = ""
    for line in UNIT.read_text().splitlines():
        if re.match(r"[A-Z][A-Za-z]+=", line) and line.partition("=")[0] not in _SELF_EVIDENT:
            assert above == "explained", f"nothing explains {line!r}"
        elif line.startswith("# "):
            above = "explained"
        elif not line.startswith("#"):
            above = line


def test_the_command_uses_flags_that_exist() -> None:
    program, *words = only("ExecStart").split()
    told = subprocess.run(
        [sys.executable, "-m", "tbgateway", words[0], "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert program == "/opt/tbgateway/bin/tbgateway"
    assert words[1::2] == ["--config", "--admin-password-file"]
    for flag in words[1::2]:
        assert flag in told.stdout


def test_no_secret_is_in_the_command_or_the_environment() -> None:
    assert only("LoadCredential").split(":")[0] == "admin-password"
    assert "%d/admin-password" in only("ExecStart")
    assert not {"Environment", "EnvironmentFile", "PassEnvironment"} & set(directives())


def test_sockets_lie_where_clients_look_for_them_and_nobody_else_gets_to_them() -> None:
    assert Path("/run", only("RuntimeDirectory")) == SYSTEM_RUNTIME_DIR
    for name in ("RuntimeDirectoryMode", "StateDirectoryMode"):
        assert only(name) == "0700"


def test_boards_may_do_what_isolates_them() -> None:
    filters = " ".join(directives()["SystemCallFilter"]).split()

    assert only("RestrictNamespaces").split() == ["user", "net"]
    assert set(only("RestrictAddressFamilies").split()) == {
        *("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK")
    }
    assert {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"} <= set(
        filters
    )
    assert "ProcSubset" not in directives()


def test_systemd_waits_for_the_gateways_own_stop() -> None:
    longest = Server().drain_timeout + Boards().stop_grace

    assert float(only("TimeoutStopSec")) >= longest + 10
    assert only("KillMode") == "mixed"
