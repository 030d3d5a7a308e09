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

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "tbgateway.service"
HOST = SYSTEMD / "tbgateway-boards.service"
DROP_IN = SYSTEMD / "tbgateway.service.d" / "boards.conf"
EXPLAINED = (UNIT, HOST, DROP_IN, HOST.with_suffix(".socket"))
_SELF_EVIDENT = {"Description", "Documentation", "WantedBy", "Requires", "After"}


def directives(*units: Path) -> Mapping[str, Sequence[str]]:
    """Return every directive's values, in order; of the gateway's unit, unless others are named."""
    found = defaultdict(list)
    lines = (line for unit in units or (UNIT,) for line in unit.read_text().splitlines())
    for line in lines:
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


@pytest.fixture(params=[UNIT, HOST], ids=lambda unit: unit.stem)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a copy whose program exists on this machine: that is checked, too."""
    original: Path = request.param
    shutil.copy(HOST.with_suffix(".socket"), tmp_path)
    copy = tmp_path / original.name
    copy.write_text(re.sub(r"/opt/tbgateway/bin/\w+", "/bin/true", original.read_text()))
    return copy


@pytest.mark.slow
def test_systemd_finds_nothing_to_complain_about(unit: Path) -> None:
    verdict = analyze("verify", "--man=no", str(unit))

    assert verdict.returncode == 0, verdict.stderr
    assert unit.name not in verdict.stderr


@pytest.mark.slow
def test_little_is_exposed(unit: Path) -> None:
    verdict = analyze("security", "--offline=true", "--threshold=20", str(unit))

    assert verdict.returncode == 0, verdict.stdout
    assert "Overall exposure level" in verdict.stdout


@pytest.mark.slow
def test_even_less_is_exposed_where_boards_have_a_host(unit: Path) -> None:
    if unit.name == UNIT.name:
        _, _, more = DROP_IN.read_text().partition("[Service]\n")
        unit.write_text(unit.read_text().replace("[Install]\n", f"{more}\n[Install]\n"))

    verdict = analyze("security", "--offline=true", "--threshold=15", str(unit))

    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize("unit_file", EXPLAINED, ids=lambda unit: unit.name)
def test_every_directive_says_why_it_is_there(unit_file: Path) -> None:
    """A comment stands above each, or above the group of lines it belongs to."""
    above = ""
    for line in unit_file.read_text().splitlines():
        if re.match(r"[A-Z][A-Za-z]+=", line) and line.partition("=")[0] not in _SELF_EVIDENT:
            assert above == "explained", f"nothing explains {line!r}"
        elif line.startswith("# "):
            above = "explained"
        elif not line.startswith("#"):
            above = line


def test_the_host_is_reached_where_the_gateway_looks_for_it() -> None:
    socket = directives(HOST.with_suffix(".socket"))
    drop_in, host = directives(DROP_IN), directives(HOST)
    told = dict(line.split("=", 1) for line in drop_in["Environment"])

    assert told["TBGATEWAY_BOARDS__HOST"] == only_of(socket, "ListenSequentialPacket")
    assert told["TBGATEWAY_STATE__TREES_DIR"] == only_of(drop_in, "ReadWritePaths")
    assert (
        f"d {told['TBGATEWAY_STATE__TREES_DIR']} 2750 tbgateway tbgateway-boards"
        in (SYSTEMD / "tbgateway.tmpfiles").read_text()
    )
    assert only_of(socket, "SocketGroup") == only("Group")
    assert only_of(socket, "SocketMode") == "0660"
    assert only_of(host, "Group") != only("Group"), "boards must not reach their host's socket"


def test_the_host_has_no_network_and_sees_nothing_of_the_gateway() -> None:
    host = directives(HOST)
    hidden = {path.lstrip("-") for line in host["InaccessiblePaths"] for path in line.split()}

    assert only_of(host, "PrivateNetwork") == "yes"
    assert {f"/var/lib/{only('StateDirectory')}", f"/run/{only('RuntimeDirectory')}"} <= hidden
    for name in ("RestrictNamespaces", "RestrictAddressFamilies"):
        assert host[name] == directives()[name]
    assert set(directives()["SystemCallFilter"][1].split()) <= set(
        " ".join(host["SystemCallFilter"]).split()
    )


def only_of(found: Mapping[str, Sequence[str]], name: str) -> str:
    (value,) = found[name]
    return value


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
