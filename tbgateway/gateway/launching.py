"""Which launcher runs the boards, and its start."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tbgateway.domain.errors import UnavailableError
from tbgateway.launchers.board_groups import BoardGroups
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.launchers.forkserver import ForkserverLauncher
from tbgateway.launchers.launcher import Changed, Launcher, LaunchError
from tbgateway.settings import Settings

MakeLauncher = Callable[[Path, Changed], Launcher]
"""Makes a launcher for a runtime directory, given whom to tell of changes."""

_KINDS: dict[str, type[ForkserverLauncher | ExecLauncher]] = {
    "forkserver": ForkserverLauncher,
    "exec": ExecLauncher,
}


def launcher_maker(settings: Settings, *, with_assets: bool) -> MakeLauncher:
    """Return what makes the launcher that the settings name.

    `with_assets` has each board serve TensorBoard's web files itself.
    """
    kind = _KINDS[settings.boards.launcher]
    plugins = settings.boards.plugins
    return partial(kind, with_assets=with_assets, plugins=plugins, groups=BoardGroups())


async def open_launcher(launcher: Launcher) -> None:
    """Make it ready; raise UnavailableError if no board could be started."""
    try:
        await launcher.open()
    except LaunchError as error:
        raise UnavailableError(
            f"No board can be started: {error}.",
            hint="Look at the runtime directory, and at the limits on processes and memory. A"
            " Python that cannot be run may lie in another user's home: install it elsewhere.",
        ) from error
