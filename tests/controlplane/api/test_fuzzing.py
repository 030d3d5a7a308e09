"""The whole API under schemathesis: what it answers is what its description says, whatever is sent.

All phases and all checks; what schemathesis must know beside the description, and what is expected
otherwise, is in schemathesis.toml and schemathesis_hooks.py, each with its reason.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from running_api import MakeExperiment, RunningApi
from running_gateway import fetch

from tbgateway.domain.model import Role
from tbgateway.schemas.operations import EVENT_STREAM

HERE = Path(__file__).parent
SUPPORT = HERE.parents[1] / "support"


def endless(gateway: RunningApi) -> list[str]:
    """Return the options that leave out what never ends: there is no answer to compare."""
    streams = [
        route.operation.id
        for route in gateway.house.routes
        if route.operation is not None
        and any(one.media_type == EVENT_STREAM for one in route.operation.replies.values())
    ]
    return [f"--exclude-operation-id={one}" for one in streams]


@pytest.mark.slow
def test_nothing_that_can_be_sent_makes_the_api_leave_its_description(
    gateway: RunningApi, make_experiment: MakeExperiment, tmp_path: Path
) -> None:
    gateway.add_member("fuzzer", Role.ADMIN)
    token = gateway.token_of("fuzzer")
    told = {
        "FUZZED_AS_MEMBER": "fuzzer",
        "FUZZED_AS_TOKEN": token.split("_")[1],
        "FUZZED_LOGDIR": str(make_experiment("first").parent),
        "PYTHONPATH": str(SUPPORT),
    }
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml"),
        *("run", f"{gateway.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {token}"),
        *endless(gateway),
    ]
    fuzzing = subprocess.run(
        command,
        cwd=tmp_path,  # it keeps what it found
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert fuzzing.returncode == 0, fuzzing.stdout + fuzzing.stderr
    generated, passed = re.findall(r"(\d+) (?:generated|passed)", fuzzing.stdout)[-2:]
    assert generated == passed
    assert int(generated) > 1000
    linked = re.search(r"API Links:\s+(\d+) covered", fuzzing.stdout)
    assert linked, fuzzing.stdout
    assert int(linked[1]) > 0
    assert "Authentication failed" not in fuzzing.stdout
    still = fetch(f"{gateway.url}/api/v1/whoami", headers={"Authorization": f"Bearer {token}"})
    assert still.json()["name"] == "fuzzer"
