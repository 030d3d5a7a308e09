"""Boards served to nobody: in processes of their own, as before a fork."""

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.slow

_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}

_REHEARSE = """
import json, sys
from tbgateway.worker import kernel, rehearsal, template
from tbgateway.worker.options import Options
loaded = template.load_template(Options(with_assets=False), pack_assets=True)
flags = vars(loaded.flags).copy()
if sys.argv[1:]:
    del rehearsal._Stub.ListRuns
    rehearsal.protocol = None
flaw = loaded.rehearse()
print(json.dumps(dict(flaw=flaw, threads=kernel.thread_count(), kept=flags == vars(loaded.flags))))
"""


def _rehearse(*breaking: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", _REHEARSE, *breaking],
        capture_output=True,
        check=False,
        env=_ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_the_installed_tensorboard_can_be_rehearsed_without_starting_a_thread() -> None:
    assert _rehearse() == {"flaw": "", "threads": 1, "kept": True}


def test_one_that_differs_makes_boards_slower_and_nothing_else() -> None:
    seen = _rehearse("break it")

    assert seen["flaw"].startswith("boards start slower, the rehearsal failed: ")
    assert seen["threads"] == 1
