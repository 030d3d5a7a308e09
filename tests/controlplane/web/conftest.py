"""The use cases on a real store, without a process, and a way to ask the routes for a page."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from fixed_scalars import FixedScalars

from tbgateway.boards import Boards, Visits
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.web.means import Means as WebMeans
from tbgateway.controlplane.web.routes import web_routes
from tbgateway.credentials.password_check import PasswordCheck
from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.dataplane.router import Router
from tbgateway.discovery import Root
from tbgateway.domain.lifecycle import Limits
from tbgateway.domain.model import Anonymous, Identity
from tbgateway.experiments import Experiments
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.members import Members
from tbgateway.routes import Door, Exchange, External, Target
from tbgateway.sessions import Sessions
from tbgateway.settings import Boards as BoardsSettings
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.telemetry.resources import Resources

NOW = 1_795_420_800.0
Ask = Callable[..., Awaitable[web.Response]]
Fields = Mapping[str, str | list[str]]
_HERE = External("http", "localhost")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class House:
    """Everything the pages stand on."""

    store: Store
    means: WebMeans


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store = Store.open(tmp_path / "state" / "gateway.db")
    launcher = ExecLauncher(tmp_path / "run", lambda _: None)  # boards stay asleep
    supervisor = Supervisor(
        Means(store, launcher, Layout(tmp_path / "state"), BoardsSettings(), Limits())
    )
    (tmp_path / "runs").mkdir()
    roots = {"runs": Root(tmp_path / "runs")}
    experiments = Experiments(store, roots, ExperimentsSettings(), supervisor.wake)
    boards = Boards(store, experiments, supervisor, rounds=4)
    members = Members(store, rounds=4)
    verifier = Verifier(threads=1, rounds=4)
    passwords = PasswordCheck(verifier, Throttle("1000/minute"))
    yield House(
        store,
        WebMeans(
            boards=boards,
            experiments=experiments,
            members=members,
            scalars=FixedScalars(),
            visits=Visits(store, boards, clock=lambda: NOW),
            resources=Resources(dict, clock=lambda: NOW),
            share=LoopShare(),
            sessions=Sessions(store, passwords, lifetime=1000.0, clock=lambda: NOW),
            clock=lambda: NOW,
        ),
    )
    verifier.close()
    await store.close()


def _body(fields: Fields) -> StreamReader:
    loop = asyncio.get_running_loop()
    reader = StreamReader(BaseProtocol(loop), limit=2**24, loop=loop)
    reader.feed_data(urlencode(fields, doseq=True).encode())
    reader.feed_eof()
    return reader


@pytest.fixture
def ask(house: House) -> Ask:
    """Return a function that finds the route of a path and lets it answer.

    With `form` it posts these fields, as a page's form does; a field may have several values.
    """
    router = Router(web_routes(house.means))

    async def answer(
        path: str,
        *,
        identity: Identity | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        form: Fields | None = None,
        external: External = _HERE,
    ) -> web.Response:
        method = "GET" if form is None else "POST"
        sent = dict(headers or {}) | ({} if form is None else {"Content-Type": _FORM})
        body = {} if form is None else {"payload": _body(form)}
        match = router.match(method, path)
        exchange = Exchange(
            request=make_mocked_request(method, path, headers=sent, **body),
            door=Door.PUBLIC,
            request_id="r1",
            started=0.0,
            target=Target(raw=path, path=path, query=query, prefix=""),
            route=match.route,
            params=match.params,
            identity=identity or Anonymous(),
            external=external,
        )
        response = await match.route.handle(exchange)
        assert isinstance(response, web.Response)
        return response

    return answer
