"""Leaving the host's network, tried in processes of their own."""

import json
import os
import socket
import subprocess
import sys

import pytest

_TRY = """
import json, os, socket, sys
from tbgateway.worker import isolation
network = isolation.enter_private_network(as_root={as_root})
isolation.drop_privileges()
def reach(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5):
            return True
    except ConnectionRefusedError:
        return False
own = socket.create_server(("127.0.0.1", 0))
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps(dict(
    network=[network.private, network.usable, network.problem],
    own=reach(own.getsockname()[1]),
    host=reach(int(sys.argv[1])),
    interfaces=[name for _, name in socket.if_nameindex()],
    uid=os.getuid(), gid=os.getgid(),
    capabilities=[int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh")],
    no_new_privileges=status["NoNewPrivs"].strip(),
)))
"""


@pytest.mark.parametrize("as_root", [None, False])
def test_a_process_leaves_the_hosts_network_and_keeps_its_user(*, as_root: bool | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code = _TRY.format(as_root=as_root)
        done = subprocess.run(
            [sys.executable, "-c", code, str(port)], capture_output=True, check=False
        )
    assert done.returncode == 0, done.stderr.decode()
    seen = json.loads(done.stdout)

    assert seen["network"] == [True, True, ""]
    assert seen["own"], "loopback works"
    assert not seen["host"], "the host's listeners are out of reach"
    assert "lo" in seen["interfaces"]
    assert (seen["uid"], seen["gid"]) == (os.getuid(), os.getgid())
    assert seen["no_new_privileges"] == "1"
    assert all(mask & ~(1 << 2) == 0 for mask in seen["capabilities"])
