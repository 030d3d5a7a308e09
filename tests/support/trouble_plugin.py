"""A plugin with which a board burns processor time, eats memory or ends, as it is asked."""

from pathlib import Path

TROUBLE = "data/plugin/trouble"
"""Below a board: `/spin` and `/eat` do not answer soon, `/crash` never."""

PLUGIN = """
import os
import time

from tensorboard.plugins import base_plugin
from werkzeug import Response, wrappers

KEPT = []


class TroublePlugin(base_plugin.TBPlugin):
    plugin_name = "trouble"

    def __init__(self, context):
        pass

    def get_plugin_apps(self):
        return {"/spin": spin, "/eat": eat, "/crash": crash}

    def is_active(self):
        return False


@wrappers.Request.application
def spin(request):
    while True:
        pass


@wrappers.Request.application
def eat(request):
    while len(KEPT) < 1500:  # MiB in all, should nobody stop it
        KEPT.extend(bytearray(2**20) for _ in range(25))
        time.sleep(0.1)
    return Response("full")


@wrappers.Request.application
def crash(request):
    os._exit(7)
"""
METADATA = "Metadata-Version: 2.1\nName: trouble-plugin\nVersion: 1.0\n"
ENTRY_POINTS = "[tensorboard_plugins]\ntrouble = trouble_plugin:TroublePlugin\n"


def install(directory: Path) -> dict[str, str]:
    """Install it below `directory`; return the environment of a gateway that allows it."""
    package = directory / "trouble_plugin"
    installed = directory / "trouble_plugin-1.0.dist-info"
    package.mkdir(parents=True)
    installed.mkdir()
    (package / "__init__.py").write_text(PLUGIN)
    (installed / "METADATA").write_text(METADATA)
    (installed / "entry_points.txt").write_text(ENTRY_POINTS)
    return {"PYTHONPATH": str(directory), "TBGATEWAY_BOARDS__PLUGINS": "trouble-plugin"}
