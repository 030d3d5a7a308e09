"""A plugin that leaves a request without an answer as long as a file exists."""

from pathlib import Path

_CODE = """
import os, time

from tensorboard.plugins import base_plugin


class PatientPlugin(base_plugin.TBPlugin):
    plugin_name = "patient"

    def __init__(self, context):
        pass

    def get_plugin_apps(self):
        return {"/wait": wait}

    def is_active(self):
        return False


def wait(environ, start_response):
    while os.path.exists("@HELD@"):
        time.sleep(0.05)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]
"""
_METADATA = "Metadata-Version: 2.1\nName: patient-plugin\nVersion: 1.0\n"
_ENTRY_POINTS = "[tensorboard_plugins]\npatient = patient_plugin:PatientPlugin\n"
WAIT = "data/plugin/patient/wait"
"""Where it waits, below a board."""


def install(directory: Path, held: Path) -> dict[str, str]:
    """Install it; return the environment of a gateway that loads it.

    `held` is the file. Boards look for it: it must lie below a logdir root.
    """
    package, installed = directory / "patient_plugin", directory / "patient_plugin-1.0.dist-info"
    package.mkdir(parents=True)
    installed.mkdir()
    (package / "__init__.py").write_text(_CODE.replace("@HELD@", str(held)))
    (installed / "METADATA").write_text(_METADATA)
    (installed / "entry_points.txt").write_text(_ENTRY_POINTS)
    return {"PYTHONPATH": str(directory), "TBGATEWAY_BOARDS__PLUGINS": "patient-plugin"}
