"""Store, launcher, supervisor and use cases, put together."""

from contextlib import AsyncExitStack
from pathlib import Path

from tbgateway.boards import Boards, Visits
from tbgateway.discovery import Root
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.lifecycle import Limits
from tbgateway.domain.locations import CONTROL_SOCKET
from tbgateway.domain.names import BoardId, ExperimentId, LaunchId
from tbgateway.experiments import Experiments
from tbgateway.gateway.gateway import Gateway
from tbgateway.gateway.launching import MakeLauncher
from tbgateway.gateway.observing import Observing
from tbgateway.gateway.scalar_reading import make_scalars
from tbgateway.gateway.separation import check_separation
from tbgateway.launchers.launcher import Launcher
from tbgateway.members import Members
from tbgateway.settings import Settings
from tbgateway.store import Store
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.openings import Openings
from tbgateway.supervisor.root_watch import RootWatch
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.wall_time import WallTime


async def build(
    settings: Settings, make_launcher: MakeLauncher, time: WallTime, stack: AsyncExitStack
) -> tuple[Gateway, Launcher]:
    """Make everything below the planes, from the store up; what must be closed goes on `stack`.

    Raise InvalidInputError if a directory cannot be made, and what opening the store raises.
    """
    _make_private(settings.state.dir)
    _make_private(settings.state.runtime_dir)
    await check_separation(settings)
    store = Store.open(settings.state.dir / "gateway.db")
    stack.push_async_callback(store.close)

    def hint(launch: LaunchId) -> None:
        supervisor.hint(launch)  # made below: the two know each other

    def changed(board_id: BoardId) -> None:
        observing.board_changed(board_id)  # the same
        openings.saw(board_id, supervisor.state(board_id) if board_id in store.boards else None)

    def read(experiment_id: ExperimentId) -> None:
        observing.experiment_read(experiment_id)  # the same

    openings = Openings()
    launcher = make_launcher(settings.state.runtime_dir, hint)
    layout = Layout(settings.state.dir, settings.state.trees_dir)
    watches = {name: RootWatch(one.path) for name, one in settings.logdirs.items()}
    limits = _limits(settings)
    means = Means(store, launcher, layout, settings.boards, limits, watches, changed=changed)
    supervisor = Supervisor(means)

    def take_limits() -> None:
        means.limits = _limits(settings)
        launcher.limit_memory(means.memory_limits().board)
        supervisor.look_at_all()

    roots = {name: Root(one.path, one.depth) for name, one in settings.logdirs.items()}
    experiments = Experiments(store, roots, settings.experiments, supervisor.wake, time.earliest)
    scalars = make_scalars(roots, settings.experiments.search_depth, read)
    stack.push_async_callback(scalars.close)
    rounds = settings.auth.bcrypt_rounds
    boards = Boards(store, experiments, supervisor, rounds=rounds)
    members = Members(store, rounds=rounds, clock=time.earliest, latest=time.latest)
    control = settings.state.runtime_dir / CONTROL_SOCKET
    observing = Observing(store, supervisor, experiments, boards, members, launcher.memory)
    gateway = Gateway(
        url="",
        settings=settings,
        control=control,
        store=store,
        time=time,
        supervisor=supervisor,
        openings=openings,
        experiments=experiments,
        boards=boards,
        visits=Visits(store, boards, clock=time.earliest),
        members=members,
        scalars=scalars,
        observing=observing,
        settings_takers=[take_limits],
    )
    return gateway, launcher


def _limits(settings: Settings) -> Limits:
    boards = settings.boards
    return Limits(start_timeout=boards.start_timeout, stop_grace=boards.stop_grace)


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(
            f"{str(directory)!r} cannot be made: {error.strerror}.",
            hint="Choose another place with --state-dir, or make the directory first.",
        ) from error
