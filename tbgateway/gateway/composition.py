"""Builds everything, runs it and takes it down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import structlog

from tbgateway.boards.visits import FORGETTING_INTERVAL
from tbgateway.dataplane.means import Step
from tbgateway.dataplane.pipeline import STEPS, build_pipeline
from tbgateway.gateway import front
from tbgateway.gateway.background import background, every
from tbgateway.gateway.building import build
from tbgateway.gateway.gateway import Gateway
from tbgateway.gateway.launching import MakeLauncher, launcher_maker, open_launcher
from tbgateway.gateway.shared_assets import LOOK_EVERY, AssetsWatch, read_shared_assets
from tbgateway.gateway.spare_memory import give_back_spare_memory
from tbgateway.gateway.weighing import weigh
from tbgateway.settings import Settings
from tbgateway.store.store import FLUSH_INTERVAL
from tbgateway.telemetry.loop_lag import watch_loop_lag
from tbgateway.telemetry.resources import INTERVAL, LOOK_INTERVAL
from tbgateway.wall_time import WallTime
from tbgateway.webassets import Library
from tbgateway.webassets.brotli_shelf import BrotliShelf
from tbgateway.webassets.compressing import add_brotli

log = structlog.get_logger(__name__)

_FIRST_SCAN_PATIENCE = 30.0  # seconds; a hanging mount must not keep the gateway from serving

Job = Coroutine[object, object, None]


@asynccontextmanager
async def running(
    settings: Settings,
    read_admin_password: Callable[[], str | None] = lambda: None,
    *,
    make_launcher: MakeLauncher | None = None,
    steps: Iterable[Step] = STEPS,
    time: WallTime | None = None,
) -> AsyncIterator[Gateway]:
    """Run a gateway inside the block; it serves when the block begins.

    `read_admin_password` is asked only if there is no member yet; None lets one be made up.
    `make_launcher` goes before the settings' launcher; `steps` are those of the pipeline, of
    which tests leave one out; `time` is the machine's, unless they set another. Raise a
    TbgatewayError if its state, an address or the launcher cannot be opened. A reload changes
    `settings`: give each gateway its own.
    """
    shared = await asyncio.to_thread(read_shared_assets)
    make = make_launcher or launcher_maker(settings, with_assets=shared is None)
    async with AsyncExitStack() as stack:
        gateway, launcher = await build(settings, make, time or WallTime(), stack)
        guards = front.Guards.made(settings.auth, gateway.store, gateway.time, stack)
        stack.push_async_callback(launcher.close)
        await open_launcher(launcher)
        stack.push_async_callback(gateway.supervisor.stop)
        # Only now: it is packed while the forkserver starts.
        library = None if shared is None else await asyncio.to_thread(Library, shared)
        del shared  # 11 MB, unpacked; a generator keeps its variables as long as it lives
        measured = gateway.observing.measuring(
            guards.verifier, guards.throttle, launcher, gateway.scalars
        )
        routes = front.routes(gateway, library, guards.sessions)
        gateway.routes = (*routes, *measured.routes())
        means = await front.means(gateway, settings.server, guards)
        gateway.settings_takers.append(partial(guards.take, settings.auth))
        scanned = asyncio.Event()
        jobs = (*_jobs(gateway, settings, scanned), *_caring(library, settings))
        await stack.enter_async_context(background(*jobs))
        pipeline = build_pipeline(means, steps)
        await front.listen(gateway, settings.server, pipeline, launcher, stack)
        await _welcome(gateway, read_admin_password, scanned)
        try:
            yield gateway
        finally:
            gateway.ready = False


async def _welcome(
    gateway: Gateway, read_admin_password: Callable[[], str | None], scanned: asyncio.Event
) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_FIRST_SCAN_PATIENCE):
            await scanned.wait()
    password = None if gateway.store.members else read_admin_password()
    # Last: a password that was made up is shown once, and only if nothing failed before.
    gateway.generated_password = await gateway.members.ensure_admin(password)
    gateway.ready = True
    boards = len(gateway.store.boards)
    log.info("serving", url=gateway.url, boards=boards, control=str(gateway.control))


def _jobs(gateway: Gateway, settings: Settings, scanned: asyncio.Event) -> tuple[Job, ...]:
    health, resources = gateway.observing.metrics.housekeeping, gateway.observing.resources
    rescan = health.timing_rescans(gateway.experiments.rescan)
    return (
        gateway.supervisor.run(),
        gateway.scalars.run(),
        every(lambda: settings.experiments.rescan_interval, rescan, scanned),
        gateway.experiments.watch_leases(),
        every(lambda: FLUSH_INTERVAL, gateway.store.flush_visits),
        every(lambda: FORGETTING_INTERVAL, gateway.visits.forget_old),
        every(lambda: INTERVAL, resources.sample),
        every(lambda: LOOK_INTERVAL, partial(weigh, resources, gateway.supervisor)),
        watch_loop_lag(health.lag.add),
        give_back_spare_memory(),
    )


def _caring(library: Library | None, settings: Settings) -> tuple[Job, ...]:
    if library is None:
        return ()
    shelf = BrotliShelf(settings.state.dir / "assets", library.fingerprint)
    return (
        add_brotli(library.assets(), shelf),
        every(lambda: LOOK_EVERY, AssetsWatch().look),
    )
