"""Third-party plugins: what is allowed is loaded, and what fails costs itself and no board."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import structlog

from tbgateway.launchers.launcher import LaunchError, Running

pytestmark = pytest.mark.slow

_SCALARS = "from tensorboard.plugins.scalar.scalars_plugin import ScalarsPlugin\n"
_WICKED = _SCALARS + "class Plugin(ScalarsPlugin):\n    plugin_name = 'wicked'\n"
BROKEN_AT_IMPORT = {
    "raises": ("raise RuntimeError('no')", "RuntimeError: no"),
    "exits": ("raise SystemExit(3)", "SystemExit: 3"),
    "lacks the plugin": ("class Other: pass", "no attribute 'Plugin'"),
    "is no plugin": ("class Plugin: pass", "TypeError: Not a TBLoader"),
    "has the name of another": (_SCALARS + "Plugin = ScalarsPlugin", "another plugin is named"),
    "ends the process": ("import os; os._exit(3)", "ends the process (status 3)"),
    "crashes": ("import os; os.write(2, b'bus\\n'); os.abort()", "ends the process (SIGABRT): bus"),
    "fails with its flags": (
        (
            "from tensorboard.plugins import base_plugin\n"
            "class Plugin(base_plugin.TBLoader):\n"
            "    def fix_flags(self, flags): raise RuntimeError('no')\n"
        ),
        "fix_flags failed: RuntimeError: no",
    ),
    "starts threads": (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n" + _WICKED,
        "it starts threads",
    ),
}
BROKEN_LATER = {
    "load": ("def __init__(self, context): raise RuntimeError('no')", "load failed: RuntimeError"),
    "exiting load": ("def __init__(self, context): raise SystemExit(1)", "load failed: SystemExit"),
    "name": ("plugin_name = 'a b'\n    def __init__(self, context): pass", "is no name"),
    "apps": ("def get_plugin_apps(self): raise RuntimeError('no')", "get_plugin_apps failed"),
    "route": ("def get_plugin_apps(self): return {'tags': None}", "route 'tags' is none"),
    "is_active": ("def is_active(self): raise RuntimeError('no')", "is_active failed"),
    "page": ("def frontend_metadata(self): raise RuntimeError('no')", "load failed"),
    "data": ("def data_plugin_names(self): raise RuntimeError('no')", "data_plugin_names failed"),
}


@pytest.fixture(params=["forkserver", "exec"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def boards(bench: Any) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Start a launcher that allows certain plugins, and a board."""
    usual, others = bench.launcher, []

    async def start(*plugins: str) -> Any:
        bench.launcher = bench.another_launcher(plugins=plugins)
        others.append(bench.launcher)
        await bench.launcher.open()
        return await bench.start()

    yield start
    for launcher in others:
        await launcher.close()
    bench.launcher = usual


async def listing(bench: Any, handle: Any) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = json.loads(await bench.get(handle, "/data/plugins_listing"))
    return answer


async def notes(bench: Any, handle: Any) -> str:
    return "\n".join((await bench.launcher.observe())[handle.launch_id].notes)


async def test_a_plugin_is_loaded_only_where_it_is_allowed(
    bench: Any, boards: Callable[..., Awaitable[Any]], install_plugin: Callable[[str], None]
) -> None:
    install_plugin("import os\nos.environ['WICKED'] = 'imported'\n" + _WICKED)

    assert "wicked" in await listing(bench, await boards("wicked"))
    assert "wicked" in await listing(bench, await boards("*"))
    assert "wicked" not in await listing(bench, await boards())
    assert "wicked" not in await listing(bench, await boards("other"))


@pytest.mark.parametrize("what", BROKEN_AT_IMPORT)
async def test_a_plugin_that_fails_when_it_is_imported_is_left_out(
    bench: Any,
    boards: Callable[..., Awaitable[Any]],
    install_plugin: Callable[[str], None],
    what: str,
) -> None:
    source, complaint = BROKEN_AT_IMPORT[what]
    install_plugin(source)
    with structlog.testing.capture_logs() as logs:
        handle = await boards("wicked")
        seen = await listing(bench, handle)

    assert {"scalars", "projector"} <= set(seen)
    assert "wicked" not in seen
    assert complaint in await notes(bench, handle)
    (told,) = (one for one in logs if one["event"] == "a TensorBoard plugin is left out")
    assert told["log_level"] == "warning"
    assert told["problem"].startswith("plugin wicked of wicked is left out: ")
    assert complaint in told["problem"]


@pytest.mark.parametrize("kind", ["forkserver"])
@pytest.mark.parametrize("what", BROKEN_LATER)
async def test_a_plugin_that_fails_in_a_board_is_left_out_of_it(
    bench: Any,
    boards: Callable[..., Awaitable[Any]],
    install_plugin: Callable[[str], None],
    write_run: Callable[..., None],
    what: str,
) -> None:
    source, complaint = BROKEN_LATER[what]
    install_plugin(f"{_WICKED}    {source}\n")
    write_run("a")
    handle = await boards("wicked")
    seen = await listing(bench, handle)

    assert {"scalars", "projector"} <= set(seen)
    assert what == "data" or not seen.get("wicked", {"enabled": False})["enabled"]
    assert json.loads(await bench.get(handle, "/data/plugin/scalars/tags")) != {}
    await bench.until(
        handle,
        lambda now: isinstance(now, Running) and any(complaint in note for note in now.notes),
    )


@pytest.mark.parametrize("kind", ["forkserver"])
async def test_a_plugin_reaches_no_address_that_a_visitor_gives_it(
    bench: Any, boards: Callable[..., Awaitable[Any]], install_plugin: Callable[[str], None]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        install_plugin(
            f"{_WICKED}    def __init__(self, context):\n"
            "        import socket\n"
            "        said = []\n"
            f"        for place in (('127.0.0.1', {ours.getsockname()[1]}), ('192.0.2.1', 80)):\n"
            "            try: said.append(socket.create_connection(place, 5))\n"
            "            except OSError as error: said.append(error.strerror)\n"
            "        raise RuntimeError(said)\n"
        )
        said = await notes(bench, await boards("wicked"))
    if "private network" not in said:
        pytest.skip("namespaces are not allowed on this machine")

    assert "['Connection refused', 'Network is unreachable']" in said


@pytest.mark.usefixtures("bench")
async def test_what_is_not_allowed_and_what_is_missing_is_told_once(
    boards: Callable[..., Awaitable[Any]],
    install_plugin: Callable[[str], None],
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install_plugin(_WICKED)
    monkeypatch.syspath_prepend(directory / "plugins")
    with structlog.testing.capture_logs() as logs:
        await boards("Other.Plugin")

    (refused,) = (one for one in logs if one["event"] == "a TensorBoard plugin is not allowed")
    assert refused["log_level"] == "info"
    assert refused["to_allow"] == 'boards.plugins = ["Other.Plugin", "wicked"]'
    (missing,) = (one for one in logs if "is not installed" in one["event"])
    assert (missing["log_level"], missing["name"]) == ("warning", "Other.Plugin")


@pytest.mark.usefixtures("bench")
async def test_nothing_a_plugin_starts_when_it_is_tried_is_left(
    boards: Callable[..., Awaitable[Any]], install_plugin: Callable[[str], None]
) -> None:
    install_plugin(
        "import subprocess\nsubprocess.Popen(['setsid', '--fork', 'sleep', '62.5'])\nraise OSError"
    )
    await boards("wicked")

    assert ["sleep", "62.5"] not in [
        one.info["cmdline"] for one in psutil.process_iter(["cmdline"])
    ]


@pytest.mark.parametrize("kind", ["forkserver"])
async def test_threads_that_only_the_forkserver_sees_cost_all_plugins_and_no_board(
    bench: Any,
    boards: Callable[..., Awaitable[Any]],
    install_plugin: Callable[[str], None],
    directory: Path,
) -> None:
    tried = directory / "tried"
    install_plugin(
        "import pathlib, threading, time\n"
        f"if pathlib.Path({str(tried)!r}).exists():\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        f"pathlib.Path({str(tried)!r}).touch()\n" + _WICKED
    )
    handle = await boards("wicked")

    assert "wicked" not in await listing(bench, handle)
    assert "all third-party plugins are left out" in await notes(bench, handle)


ONLY_IN_EARNEST = """
import os, pathlib, signal, time
tried = pathlib.Path({tried!r})
if tried.exists():
    {what}
tried.touch()
"""


@pytest.mark.parametrize("kind", ["forkserver", "exec"])
async def test_a_plugin_that_hangs_only_in_earnest_costs_no_board(
    bench: Any,
    boards: Callable[..., Awaitable[Any]],
    install_plugin: Callable[[str], None],
    directory: Path,
) -> None:
    # The test need not wait as long as a plugin may take.
    hang = "signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2); time.sleep(3600)"
    source = ONLY_IN_EARNEST.format(tried=str(directory / "tried"), what=hang)
    install_plugin(f"{source}{_WICKED}")
    handle = await boards("wicked")

    assert "wicked" not in await listing(bench, handle)
    assert "plugin wicked of wicked is left out: its import takes longer" in await notes(
        bench, handle
    )


@pytest.mark.parametrize("kind", ["forkserver", "exec"])
async def test_a_plugin_that_ends_every_forkserver_costs_all_plugins_and_no_board(
    bench: Any,
    boards: Callable[..., Awaitable[Any]],
    install_plugin: Callable[[str], None],
) -> None:
    """Each process that imports plugins tries them in a child, and this one passes every trial."""
    install_plugin(
        "import os\n"
        "if not os.readlink('/proc/self/fd/1').startswith('/memfd:'): os._exit(3)\n" + _WICKED
    )
    with suppress(LaunchError):  # of the forkserver that ends; whoever wants a board asks again
        await boards("wicked")
    handle = await bench.start(generation=2, launch_id="tb0123456789.2")

    assert "wicked" not in await listing(bench, handle)
    assert "third-party plugins" in await notes(bench, handle)


@pytest.mark.parametrize("kind", ["forkserver", "exec"])
async def test_the_import_of_a_plugin_has_no_network(
    bench: Any, boards: Callable[..., Awaitable[Any]], install_plugin: Callable[[str], None]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        install_plugin(
            "import socket\n"
            f"socket.create_connection(('127.0.0.1', {ours.getsockname()[1]}), 5)\n" + _WICKED
        )
        said = await notes(bench, await boards("wicked"))
    if "private network" not in said:
        pytest.skip("namespaces are not allowed on this machine")

    assert "plugin wicked of wicked is left out: ConnectionRefusedError" in said


@pytest.mark.parametrize("kind", ["forkserver"])
async def test_a_trial_has_no_hold_on_the_connection_to_the_gateway(
    bench: Any, boards: Callable[..., Awaitable[Any]], install_plugin: Callable[[str], None]
) -> None:
    install_plugin(
        "import os\n"
        "mine = filter(os.path.lexists, (f'/proc/self/fd/{n}' for n in range(100)))\n"
        "raise RuntimeError([one for one in map(os.readlink, mine) if 'socket' in one])\n"
    )

    assert "RuntimeError: []" in await notes(bench, await boards("wicked"))
