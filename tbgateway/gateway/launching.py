"""Which launcher runs the boards, and its start."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tbgateway.domain.errors import InvalidInputError, UnavailableError
from tbgateway.launchers.board_groups import BoardGroups
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.launchers.forkserver import ForkserverLauncher
from tbgateway.launchers.host_link import HostLink
from tbgateway.launchers.launcher import Changed, Launcher, LaunchError
from tbgateway.settings import Settings

MakeLauncher = Callable[[Path, Changed], Launcher]
"""Makes a launcher for a runtime directory, given whom to tell of changes."""

_KINDS: dict[str, Callable[..., Launcher]] = {
    "forkserver": ForkserverLauncher,
    "exec": ExecLauncher,
}


def launcher_maker(settings: Settings, *, with_assets: bool) -> MakeLauncher:
    """Return what makes the launcher that the settings name.

    `with_assets` has each board serve TensorBoard's web files itself. Raise InvalidInputError if
    the settings cannot be met together.
    """
    boards = settings.boards
    if boards.host is not None:
        _check_host(settings)
    make = partial(_KINDS[boards.launcher], with_assets=with_assets, plugins=boards.plugins)
    if boards.host is not None:
        # Another user's processes cannot be put into groups of ours: they have a service's limits.
        return partial(make, host=HostLink(boards.host))
    return partial(make, groups=BoardGroups())


def _check_host(settings: Settings) -> None:
    if settings.boards.launcher != "forkserver":
        raise InvalidInputError(
            f"boards.host cannot be used with boards.launcher = {settings.boards.launcher!r}.",
            hint='A host has forkservers: leave boards.launcher out, or set it to "forkserver".',
        )
    if settings.state.trees_dir is None:
        raise InvalidInputError(
            "boards.host needs state.trees_dir: the boards' user may not look into state.dir.",
            hint="Set state.trees_dir to a directory that both may read, as docs/service.md tells.",
        )


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
