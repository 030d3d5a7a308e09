"""Builds everything, runs it and takes it down. The only module that knows all others."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from tbgateway.boards import Boards
from tbgateway.controlplane import api
from tbgateway.controlplane.web.home import Home
from tbgateway.controlplane.web.routes import web_routes
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.dataplane.asset_routes import AssetRoutes
from tbgateway.dataplane.board_pages import BoardPages
from tbgateway.dataplane.board_routes import BoardRoutes
from tbgateway.dataplane.known_hosts import KnownHosts
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
from tbgateway.domain.locations import CONTROL_SOCKET
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.experiments import Experiments
from tbgateway.gateway.background import background, every
from tbgateway.gateway.names import known_names, machine_names
from tbgateway.gateway.observing import Observing
from tbgateway.gateway.shared_assets import read_shared_assets
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.launchers.forkserver import ForkserverLauncher
from tbgateway.launchers.launcher import Changed, Launcher, LaunchError
from tbgateway.listener.connection import ConnectionLimits
from tbgateway.listener.listener import Listener
from tbgateway.listener.reachable import reachable_url
from tbgateway.members import Members
from tbgateway.routes import Route
from tbgateway.settings import Settings
from tbgateway.store import Store
from tbgateway.store.store import FLUSH_INTERVAL
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.telemetry.loop_lag import watch_loop_lag
from tbgateway.webassets import Library
from tbgateway.webassets.brotli_shelf import BrotliShelf
from tbgateway.webassets.compressing import add_brotli

log = structlog.get_logger(__name__)

_FIRST_SCAN_PATIENCE = 30.0  # seconds; a hanging mount must not keep the gateway from serving

MakeLauncher = Callable[[Path, Changed], Launcher]
"""Makes a launcher for a runtime directory, given whom to tell of changes."""


@dataclass(slots=True)
class Gateway:
    """A running gateway; `control` is its local socket.

    `generated_password` is the first admin's, if it was made up just now.
    """

    url: str
    control: Path
    store: Store
    supervisor: Supervisor
    experiments: Experiments
    boards: Boards
    members: Members
    observing: Observing
    routes: tuple[Route, ...] = ()
    generated_password: str | None = None
    ready: bool = False


@asynccontextmanager
async def running(
    settings: Settings,
    read_admin_password: Callable[[], str | None] = lambda: None,
    *,
    make_launcher: MakeLauncher | None = None,
    steps: Iterable[Step] = STEPS,
) -> AsyncIterator[Gateway]:
    """Run a gateway inside the block; it serves when the block begins.

    `read_admin_password` is asked only if there is no member yet; None lets one be made up.
    `make_launcher` goes before the settings' launcher; `steps` are those of the pipeline, of
    which tests leave one out. Raise a TbgatewayError if its state, an address or the launcher
    cannot be opened.
    """
    shared = await asyncio.to_thread(read_shared_assets)
    make = make_launcher or _launcher_maker(settings, with_assets=shared is None)
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
        # Only now: it is packed while the forkserver starts.
        library = None if shared is None else await asyncio.to_thread(Library, shared)
        throttle = Throttle(settings.auth.throttle)
        metrics = gateway.observing.measuring(verifier, throttle, launcher)
        gateway.routes = (*_routes(gateway, library), *metrics.routes())
        known = KnownHosts(known_names(settings.server, await machine_names()))
        means = _pipeline_means(gateway, settings, verifier, throttle, launcher, known)
        scanned, health = asyncio.Event(), gateway.observing.metrics.housekeeping
        rescan = health.timing_rescans(gateway.experiments.rescan)
        await stack.enter_async_context(
            background(
                gateway.supervisor.run(),
                every(settings.experiments.rescan_interval, rescan, scanned),
                every(FLUSH_INTERVAL, gateway.store.flush_visits),
                watch_loop_lag(health.lag.add),
                *_compressing(library, settings),
            )
        )
        await _listen(gateway, settings, build_pipeline(means, steps), stack)
        stack.callback(gateway.observing.events.close)  # streams would never end by themselves
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_SCAN_PATIENCE):
                await scanned.wait()
        password = None if gateway.store.members else read_admin_password()
        # Last: a password that was made up is shown once, and only if nothing failed before.
        gateway.generated_password = await gateway.members.ensure_admin(password)
        gateway.ready = True
        boards = len(gateway.store.boards)
        log.info("serving", url=gateway.url, boards=boards, control=str(gateway.control))
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

    def changed(board_id: BoardId) -> None:
        observing.board_changed(board_id)  # the same

    launcher = make_launcher(settings.state.runtime_dir, hint)
    layout = Layout(settings.state.dir, settings.state.trees_dir)
    limits = Limits(
        start_timeout=settings.boards.start_timeout, stop_grace=settings.boards.stop_grace
    )
    readable = tuple(one.path for one in settings.logdirs.values())
    supervisor = Supervisor(
        Means(store, launcher, layout, settings.boards, limits, readable, changed=changed)
    )
    roots = {name: Root(one.path, one.depth) for name, one in settings.logdirs.items()}
    experiments = Experiments(store, roots, settings.experiments, supervisor.wake)
    rounds = settings.auth.bcrypt_rounds
    boards = Boards(store, experiments, supervisor, rounds=rounds)
    members = Members(store, rounds=rounds)
    control = settings.state.runtime_dir / CONTROL_SOCKET
    observing = Observing(store, supervisor, experiments, boards, members)
    gateway = Gateway("", control, store, supervisor, experiments, boards, members, observing)
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
    addresses = await listener.open(server.listen, control=gateway.control)
    stack.push_async_callback(listener.close, server.drain_timeout)
    gateway.url = server.public_url or reachable_url(addresses)


def _launcher_maker(settings: Settings, *, with_assets: bool) -> MakeLauncher:
    kind = ForkserverLauncher if settings.boards.launcher == "forkserver" else ExecLauncher
    return partial(kind, with_assets=with_assets, plugins=settings.boards.plugins)


def _compressing(
    library: Library | None, settings: Settings
) -> Iterable[Coroutine[object, object, None]]:
    if library is None:
        return ()
    shelf = BrotliShelf(settings.state.dir / "assets", library.fingerprint)
    return (add_brotli(library.assets(), shelf),)


def _routes(gateway: Gateway, library: Library | None) -> tuple[Route, ...]:
    supervisor = gateway.supervisor
    wake = gateway.observing.metrics.boards.timing_wakes(supervisor.upstream)
    pages = None if library is None else BoardPages(library, partial(_wake, supervisor))
    return (
        *BoardRoutes(wake, supervisor.visited, pages).routes(),
        *(() if library is None else AssetRoutes(library).routes()),
        *api.routes(
            boards=gateway.boards,
            experiments=gateway.experiments,
            members=gateway.members,
            events=gateway.observing.events,
            ready=lambda: gateway.ready,
        ),
        *web_routes(Home(gateway.boards, gateway.experiments)),
    )


def _wake(supervisor: Supervisor, board_id: BoardId) -> None:
    supervisor.refuse_if_down(board_id)
    supervisor.start(board_id)


def _pipeline_means(
    gateway: Gateway,
    settings: Settings,
    verifier: Verifier,
    throttle: Throttle,
    launcher: Launcher,
    known_hosts: KnownHosts,
) -> PipelineMeans:
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
        throttle=throttle,
        local_peers=LocalPeers(os.getuid(), descends_from(launcher.pids)),
        log_tail=gateway.supervisor.tail,
        now=time.time,
        known_hosts=known_hosts,
        requests=gateway.observing.metrics.requests,
    )


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(
            f"{str(directory)!r} cannot be made: {error.strerror}.",
            hint="Choose another place with --state-dir, or make the directory first.",
        ) from error
