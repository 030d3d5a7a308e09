"""What we rely on in the installed TensorBoard: a new one that differs must fail here."""

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.slow

_REPORT = """
import inspect, json
from tensorboard import assets, program
from tensorboard.plugins.core import core_plugin
from tbgateway.worker import core_loader, kernel, template
from tbgateway.worker.options import Options
loaded = template.load_template(Options(), pack_assets=True)
apps = core_loader.make_resource_apps(assets.get_default_assets_zip_provider())
print(json.dumps(dict(
    problems=loaded.problems,
    core=isinstance(loaded.plugins[0], core_loader.BoardCoreLoader),
    others=sum(isinstance(p, core_plugin.CorePluginLoader) for p in loaded.plugins),
    routes=sorted(apps),
    threads=kernel.thread_count(),
    make_data_ingester=str(inspect.signature(program.TensorBoard._make_data_ingester)),
    register_info=str(inspect.signature(program.TensorBoard._register_info)),
)))
"""


@pytest.fixture(scope="module")
def report() -> Any:
    done = subprocess.run(
        [sys.executable, "-c", _REPORT], capture_output=True, check=False, env=_ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}


def test_all_plugins_load_and_no_thread_is_started(report: Any) -> None:
    assert report["problems"] == []
    assert report["threads"] == 1


def test_the_core_plugin_is_ours_and_the_only_one(report: Any) -> None:
    assert report["core"]
    assert report["others"] == 1


def test_the_web_assets_are_packed_once(report: Any) -> None:
    assert {"/", "/index.html", "/index.js", "/icon_bundle.svg"} <= set(report["routes"])


def test_the_private_methods_that_boards_override_are_still_there(report: Any) -> None:
    assert report["make_data_ingester"] == "(self)"
    assert report["register_info"] == "(self, server)"
