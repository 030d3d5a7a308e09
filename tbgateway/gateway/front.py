"""What visitors meet: the routes, and the pipeline every request takes to one of them."""

import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from tbgateway.backups import Backups
from tbgateway.controlplane import api, gradient
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.web.means import Means as WebMeans
from tbgateway.controlplane.web.routes import web_routes
from tbgateway.credentials.password_check import PasswordCheck
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.dataplane.asset_routes import AssetRoutes
from tbgateway.dataplane.board_pages import BoardPages
from tbgateway.dataplane.board_routes import BoardRoutes
from tbgateway.dataplane.known_hosts import KnownHosts
from tbgateway.dataplane.local_peers import LocalPeers, descends_from
from tbgateway.dataplane.means import Means
from tbgateway.dataplane.origins import Origins
from tbgateway.dataplane.pipeline import Pipeline
from tbgateway.dataplane.records import Records
from tbgateway.dataplane.router import Router
from tbgateway.dataplane.waiting_pages import WaitingPages
from tbgateway.domain.names import BoardId
from tbgateway.gateway.gateway import Gateway
from tbgateway.gateway.names import known_names, machine_names
from tbgateway.launchers.launcher import Launcher
from tbgateway.listener.connection import ConnectionLimits
from tbgateway.listener.listener import Listener
from tbgateway.listener.reachable import reachable_url
from tbgateway.routes import Route
from tbgateway.sessions import Sessions
from tbgateway.settings import Auth, Server
from tbgateway.store import Store
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.wall_time import WallTime
from tbgateway.webassets import Library


@dataclass(frozen=True, slots=True)
class Guards:
    """Who checks passwords, who slows guessing down, and who knows who is signed in."""

    verifier: Verifier
    throttle: Throttle
    sessions: Sessions

    @classmethod
    def made(cls, settings: Auth, store: Store, time: WallTime, stack: AsyncExitStack) -> "Guards":
        """Make them; the verifier's threads end with `stack`."""
        verifier = Verifier(
            rounds=settings.bcrypt_rounds,
            threads=settings.verifier_threads,
            queue=settings.verifier_queue,
            ttl=settings.verdict_ttl,
        )
        stack.callback(verifier.close)
        throttle = Throttle(settings.throttle)
        check = PasswordCheck(verifier, throttle)
        sessions = Sessions(
            store,
            check,
            lifetime=settings.session_lifetime,
            clock=time.earliest,
            latest=time.latest,
        )
        return cls(verifier, throttle, sessions)

    def take(self, settings: Auth) -> None:
        """Go by what a reload changed."""
        self.verifier.remember_for(settings.verdict_ttl)
        self.throttle.allow(settings.throttle)


def routes(gateway: Gateway, library: Library | None, sessions: Sessions) -> tuple[Route, ...]:
    """Return every route; without a `library` boards serve TensorBoard's web files themselves."""
    supervisor = gateway.supervisor
    wake = gateway.observing.metrics.boards.timing_wakes(supervisor.upstream)
    share = LoopShare()  # one for all that people and programs ask for
    waiting = WaitingPages(gateway.boards, gateway.openings)
    pages = None if library is None else BoardPages(library, partial(_wake, supervisor), waiting)
    return (
        *BoardRoutes(wake, supervisor.visited, pages, looked=gateway.visits.looked).routes(),
        *(() if library is None else AssetRoutes(library).routes()),
        *api.routes(
            boards=gateway.boards,
            visits=gateway.visits,
            experiments=gateway.experiments,
            members=gateway.members,
            events=gateway.observing.events,
            backups=Backups(gateway.store, supervisor.wake),
            ready=lambda: gateway.ready,
            share=share,
        ),
        *gradient.routes(gateway.boards, share),
        *web_routes(
            WebMeans(
                boards=gateway.boards,
                experiments=gateway.experiments,
                members=gateway.members,
                sessions=sessions,
                scalars=gateway.scalars,
                visits=gateway.visits,
                resources=gateway.observing.resources,
                share=share,
            )
        ),
    )


async def means(gateway: Gateway, server: Server, guards: Guards) -> Means:
    """Return what the steps of the pipeline work with."""
    records = Records(gateway.store)
    machine = await machine_names()
    known_hosts = KnownHosts(known_names(server, machine))
    origins = Origins(
        trusted_proxies=server.trusted_proxies,
        public_url=server.public_url,
        local_url=lambda: gateway.url,
    )

    def take() -> None:
        known_hosts.know(known_names(server, machine))
        origins.trust(server.trusted_proxies)

    gateway.settings_takers.append(take)
    return Means(
        router=Router(gateway.routes),
        origins=origins,
        boards=records,
        accounts=records,
        sessions=guards.sessions,
        verifier=guards.verifier,
        throttle=guards.throttle,
        log_tail=gateway.supervisor.tail,
        now=gateway.time.earliest,
        known_hosts=known_hosts,
        requests=gateway.observing.metrics.requests,
    )


async def listen(
    gateway: Gateway,
    server: Server,
    pipeline: Pipeline,
    launcher: Launcher,
    stack: AsyncExitStack,
) -> None:
    """Open the listeners, which drain and close with `stack`; tell the gateway its URL."""
    readers = gateway.scalars.reader
    # Both work on other people's files as the gateway's own user.
    untrusted = descends_from(lambda: launcher.pids() | readers.pids())
    local_peers = LocalPeers(os.getuid(), untrusted)
    limits = ConnectionLimits(headers=server.header_timeout, idle=server.keepalive_timeout)
    listener = Listener(pipeline.handle, limits, local_peers.judge)
    stack.push_async_callback(lambda: listener.close(server.drain_timeout))
    stack.callback(gateway.observing.events.close)  # streams would never end by themselves
    addresses = await listener.open(server.listen, control=gateway.control)
    gateway.url = server.public_url or reachable_url(addresses)


def _wake(supervisor: Supervisor, board_id: BoardId) -> None:
    supervisor.refuse_if_down(board_id)
    supervisor.start(board_id)
