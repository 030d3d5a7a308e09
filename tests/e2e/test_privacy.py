"""What another user of the same machine can see of a gateway: nothing."""

import os
import subprocess
from pathlib import Path

import pytest
from process_tree import processes, socket_inodes, unix_sockets
from running_gateway import ADMIN_PASSWORD, RunningGateway

pytestmark = pytest.mark.slow
BOARD_PASSWORD = "board-battery-staple"
NOBODY = 65534


def tcp_listeners() -> dict[str, str]:
    """Return the inode and local address of every listening TCP socket in this namespace."""
    found = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                found[fields[9]] = fields[1]
    return found


@pytest.fixture
def open_gateway(gateway: RunningGateway) -> RunningGateway:
    gateway.cli(
        *("board", "create", "secret", "-e", "first", "--username", "alice"),
        *("--password-stdin", "--wait"),
        stdin=BOARD_PASSWORD,
    )
    return gateway


def test_the_only_tcp_listener_is_the_gateways_own(open_gateway: RunningGateway) -> None:
    listeners = tcp_listeners()
    held = set().union(*(socket_inodes(one) for one in processes(open_gateway)))
    ports = {int(address.rpartition(":")[2], 16) for i, address in listeners.items() if i in held}
    assert ports == {open_gateway.port}


def test_no_secret_is_in_an_argument_an_environment_or_a_log(open_gateway: RunningGateway) -> None:
    for process in processes(open_gateway):
        seen = " ".join(process.cmdline()) + repr(process.environ())
        assert ADMIN_PASSWORD not in seen
        assert BOARD_PASSWORD not in seen
    logs = [open_gateway.log, *(open_gateway.home / "state").glob("boards/*/*.log")]
    for log in logs:
        assert ADMIN_PASSWORD not in log.read_text()
        assert BOARD_PASSWORD not in log.read_text()


@pytest.mark.skipif(os.getuid() != 0, reason="becoming another user needs root")
def test_another_user_reaches_no_board_and_reads_no_secret(open_gateway: RunningGateway) -> None:
    home = open_gateway.home
    for parent in home.parents:  # the way there is open; what is there must not be
        if parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    home.chmod(0o755)
    readable = as_nobody("find", str(home / "state"), str(home / "run"), "-type", "f", "-readable")
    assert readable.stdout == ""
    assert "Permission denied" in readable.stderr
    sockets = unix_sockets(home / "run").values()
    assert len(sockets) >= 2  # the control socket and the board's
    for path in sockets:
        script = (
            "use IO::Socket::UNIX;"
            f"print IO::Socket::UNIX->new(Peer => '{path}') ? 'reached' : qq{{refused: $!}}"
        )
        assert as_nobody("perl", "-e", script).stdout == "refused: Permission denied"


def as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
