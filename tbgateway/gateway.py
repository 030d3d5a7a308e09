"""The composition root: builds everything, runs it, takes it down. Knows all other modules."""

import asyncio
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from tbgateway.boards import Boards
from tbgateway.controlplane import api
from tbgateway.controlplane.web.home import Home
from tbgateway.controlplane.web.routes import web_routes
from tbgateway.credentials.passwords import check_new_password
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.dataplane.board_routes import BoardRoutes
from tbgateway.dataplane.local_peers import LocalPeers, descends_from
from tbgateway.dataplane.means import Means as PipelineMeans
from tbgateway.dataplane.means import Step
from tbgateway.dataplane.origins import Origins
from tbgateway.dataplane.pipeline import STEPS, Pipeline, build_pipeline
from tbgateway.dataplane.records import Records
from tbgateway.dataplane.router import Router
from tbgateway.discovery import Root
from tbgateway.domain.errors import InvalidInputError, UnavailableError
from tbgateway.domain.lifecycle import Limits
from tbgateway.domain.names import LaunchId
from tbgateway.experiments import Experiments
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.launchers.forkserver import ForkserverLauncher
from tbgateway.launchers.launcher import Changed, Launcher, LaunchError, LaunchHandle
from tbgateway.listener.connection import ConnectionLimits
from tbgateway.listener.listener import Listener
from tbgateway.listener.reachable import reachable_url
from tbgateway.members import FIRST_ADMIN, Members
from tbgateway.routes import Route
from tbgateway.settings import Settings
from tbgateway.store import Store
from tbgateway.store.store import FLUSH_INTERVAL
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.telemetry import configure_logging
from tbgateway.telemetry.systemd import notify

log = structlog.get_logger(__name__)

_FIRST_SCAN_PATIENCE = 30.0  # seconds; a hanging mount must not keep the gateway from serving

MakeLauncher = Callable[[Path, Changed], Launcher]
"""Makes a launcher for a runtime directory, given whom to tell of changes."""

_LAUNCHERS: dict[str, MakeLauncher] = {"forkserver": ForkserverLauncher, "exec": ExecLauncher}


@dataclass(slots=True)
class Gateway:
    """A running gateway. `generated_password` is the first admin's, if it was made up just now."""

    url: str
    store: Store
    supervisor: Supervisor
    experiments: Experiments
    boards: Boards
    members: Members
    routes: tuple[Route, ...] = ()
    generated_password: str | None = None
    ready: bool = False


def serve(settings: Settings, *, admin_password_file: Path | None = None) -> int:
    """Run a gateway until SIGTERM or SIGINT; return the exit status."""
    configure_logging(settings.log)
    _allow_many_descriptors()
    password = None if admin_password_file is None else _read_password(admin_password_file)
    asyncio.run(_serve(settings, password))
    return 0


def _allow_many_descriptors() -> None:
    """Raise the soft limit to the hard one: a board takes three, a visitor two."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(settings: Settings, admin_password: str | None) -> None:
    async with stop_signals() as stopping, running(settings, admin_password) as gateway:
        if gateway.generated_password is not None:
            _announce_admin(gateway.generated_password)
        notify("READY=1", f"STATUS=Serving {len(gateway.store.boards)} boards at {gateway.url}/")
        await stopping.wait()
        notify("STOPPING=1")
        log.info("stopping")


@asynccontextmanager
async def stop_signals() -> AsyncIterator[asyncio.Event]:
    """Yield an event that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        yield stopping
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def running(
    settings: Settings,
    admin_password: str | None = None,
    *,
    make_launcher: MakeLauncher | None = None,
    steps: Iterable[Step] = STEPS,
) -> AsyncIterator[Gateway]:
    """Run a gateway inside the block; it serves when the block begins.

    `make_launcher` goes before the settings' launcher; `steps` are those of the pipeline, of
    which tests leave one out. Raise a TbgatewayError if its state, an address or the launcher
    cannot be opened.
    """
    make = make_launcher or _LAUNCHERS[settings.boards.launcher]
    async with AsyncExitStack() as stack:
        gateway, launcher = await _build(settings, make, stack)
        verifier = Verifier(
            rounds=settings.auth.bcrypt_rounds,
            threads=settings.auth.verifier_threads,
            queue=settings.auth.verifier_queue,
            ttl=settings.auth.verdict_ttl,
        )
        stack.callback(verifier.close)
        stack.push_async_callback(launcher.close)
        await _open(launcher)
        stack.push_async_callback(gateway.supervisor.stop)
        gateway.routes = _routes(gateway)
        means = _pipeline_means(gateway, settings, verifier)
        scanned = asyncio.Event()
        await stack.enter_async_context(
            _background(
                gateway.supervisor.run(),
                _every(settings.experiments.rescan_interval, gateway.experiments.rescan, scanned),
                _every(FLUSH_INTERVAL, gateway.store.flush_visits),
            )
        )
        await _listen(gateway, settings, build_pipeline(means, steps), stack)
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_SCAN_PATIENCE):
                await scanned.wait()
        # Last: a password that was made up is shown once, and only if nothing failed before.
        gateway.generated_password = await gateway.members.ensure_admin(admin_password)
        gateway.ready = True
        log.info("serving", url=gateway.url, boards=len(gateway.store.boards))
        try:
            yield gateway
        finally:
            gateway.ready = False


async def _build(
    settings: Settings, make_launcher: MakeLauncher, stack: AsyncExitStack
) -> tuple[Gateway, Launcher]:
    _make_private(settings.state.dir)
    _make_private(settings.state.runtime_dir)
    store = Store.open(settings.state.dir / "gateway.db")
    stack.push_async_callback(store.close)

    def hint(launch: LaunchId) -> None:
        supervisor.hint(launch)  # made below: the two know each other

    launcher = make_launcher(settings.state.runtime_dir, hint)
    layout = Layout(settings.state.dir, settings.state.trees_dir)
    limits = Limits(
        start_timeout=settings.boards.start_timeout, stop_grace=settings.boards.stop_grace
    )
    supervisor = Supervisor(Means(store, launcher, layout, settings.boards, limits))
    roots = {name: Root(one.path, one.depth) for name, one in settings.logdirs.items()}
    experiments = Experiments(store, roots, settings.experiments, supervisor.wake)
    rounds = settings.auth.bcrypt_rounds
    boards = Boards(store, experiments, supervisor, rounds=rounds)
    members = Members(store, rounds=rounds)
    gateway = Gateway("", store, supervisor, experiments, boards, members)
    return gateway, launcher


async def _open(launcher: Launcher) -> None:
    try:
        await launcher.open()
    except LaunchError as error:
        raise UnavailableError(
            f"No board can be started: {error}.",
            hint="Look at the runtime directory, and at the limits on processes and memory.",
        ) from error


async def _listen(
    gateway: Gateway, settings: Settings, pipeline: Pipeline, stack: AsyncExitStack
) -> None:
    server = settings.server
    limits = ConnectionLimits(headers=server.header_timeout, idle=server.keepalive_timeout)
    listener = Listener(pipeline.handle, limits)
    control = settings.state.runtime_dir / "control"
    addresses = await listener.open(server.listen, control=control)
    stack.push_async_callback(listener.close, server.drain_timeout)
    gateway.url = server.public_url or reachable_url(addresses)


def _routes(gateway: Gateway) -> tuple[Route, ...]:
    return (
        *BoardRoutes(gateway.supervisor.upstream, gateway.supervisor.visited).routes(),
        *api.routes(
            boards=gateway.boards,
            experiments=gateway.experiments,
            members=gateway.members,
            ready=lambda: gateway.ready,
        ),
        *web_routes(Home(gateway.boards, gateway.experiments)),
    )


def _pipeline_means(gateway: Gateway, settings: Settings, verifier: Verifier) -> PipelineMeans:
    records = Records(gateway.store)
    return PipelineMeans(
        router=Router(gateway.routes),
        origins=Origins(
            trusted_proxies=settings.server.trusted_proxies,
            public_url=settings.server.public_url,
            local_url=lambda: gateway.url,
        ),
        boards=records,
        accounts=records,
        verifier=verifier,
        throttle=Throttle(settings.auth.throttle),
        local_peers=LocalPeers(os.getuid(), descends_from(lambda: _board_pids(gateway.store))),
        log_tail=gateway.supervisor.tail,
        now=time.time,
        allowed_hosts=frozenset(settings.server.allowed_hosts),
    )


def _board_pids(store: Store) -> Iterable[int]:
    return (LaunchHandle.from_json(record.handle).pid for record in store.launches.values())


@asynccontextmanager
async def _background(*jobs: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Run jobs beside the block; one that fails ends the block, the block's end cancels them."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
    except ExceptionGroup as errors:
        # What is told to people knows no groups: most often this is the block's own error.
        raise (errors if len(errors.exceptions) > 1 else errors.exceptions[0]) from None


async def _every(
    seconds: float, work: Callable[[], Awaitable[None]], done_once: asyncio.Event | None = None
) -> None:
    """Do `work` again and again; a failure is logged and does not end it."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("background work failed", work=getattr(work, "__qualname__", repr(work)))
        if done_once is not None:
            done_once.set()
        await asyncio.sleep(seconds)


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(
            f"{str(directory)!r} cannot be made: {error.strerror}.",
            hint="Choose another place with --state-dir, or make the directory first.",
        ) from error


def _read_password(path: Path) -> str:
    try:
        password = path.read_bytes().rstrip(b"\r\n").decode()
    except (OSError, UnicodeDecodeError) as error:
        # The latter's own words would show what could not be decoded.
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidInputError(
            f"The password file {str(path)!r} cannot be read: {reason}.",
            hint="--admin-password-file names a file that holds the password and nothing else.",
        ) from None
    return check_new_password(password)


def _announce_admin(password: str) -> None:
    print(f"The first member is {FIRST_ADMIN!r} with the password {password}")  # noqa: T201 - said once, never logged
    print("It is not shown again. Change it: tbgateway member set-password admin", flush=True)  # noqa: T201 - the same
