"""The loopback of a private network, looked at with the system's own tool."""

import subprocess
import sys

import pytest

_ENTER = """
import subprocess
from tbgateway.worker import isolation, loopback
network = isolation.enter_private_network(as_root={as_root})
print("private", network.private)
loopback.acknowledge_at_once()  # once more: it is idempotent
shown = subprocess.run(["ip", "route", "show", "table", "local"], capture_output=True)
print(shown.stdout.decode())
"""
_REFUSED = """
import os
from tbgateway.worker import loopback
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    loopback.acknowledge_at_once()
except PermissionError as error:
    print("refused:", error.strerror)
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("as_root", ["None", "False"])
def test_answers_in_a_private_network_are_acknowledged_at_once(as_root: str) -> None:
    told = run(_ENTER.format(as_root=as_root))
    if "private False" in told:
        pytest.skip("namespaces are not allowed on this machine")
    local = [line.rstrip() for line in told.splitlines() if line.startswith("local ")]
    assert local == [
        "local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1 quickack 1",
        "local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1 quickack 1",
    ]


def test_the_hosts_own_network_is_left_alone_by_whoever_may_not_change_it() -> None:
    before = run("import subprocess; subprocess.run(['ip', 'route', 'show', 'table', 'local'])")
    assert run(_REFUSED).strip() == "refused: Operation not permitted"
    after = run("import subprocess; subprocess.run(['ip', 'route', 'show', 'table', 'local'])")
    assert after == before
