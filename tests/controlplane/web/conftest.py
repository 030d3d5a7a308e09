"""The use cases on a real store, without a process, and a way to ask the routes for a page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from tbgateway.boards import Boards
from tbgateway.controlplane.web.means import Means as WebMeans
from tbgateway.controlplane.web.routes import web_routes
from tbgateway.dataplane.router import Router
from tbgateway.domain.lifecycle import Limits
from tbgateway.domain.model import Anonymous, Identity
from tbgateway.experiments import Experiments
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.members import Members
from tbgateway.routes import Door, Exchange, Target
from tbgateway.settings import Boards as BoardsSettings
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.supervisor import Supervisor

NOW = 1_795_420_800.0
Ask = Callable[..., Awaitable[web.Response]]


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
    experiments = Experiments(store, {}, ExperimentsSettings(), supervisor.wake)
    boards = Boards(store, experiments, supervisor, rounds=4)
    members = Members(store, rounds=4)
    yield House(
        store,
        WebMeans(boards=boards, experiments=experiments, members=members, clock=lambda: NOW),
    )
    await store.close()


@pytest.fixture
def ask(house: House) -> Ask:
    """Return a function that finds the route of a path and lets it answer."""
    router = Router(web_routes(house.means))

    async def answer(
        path: str,
        *,
        identity: Identity | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        match = router.match("GET", path)
        exchange = Exchange(
            request=make_mocked_request("GET", path, headers=headers),
            door=Door.PUBLIC,
            request_id="r1",
            started=0.0,
            target=Target(raw=path, path=path, query=query, prefix=""),
            route=match.route,
            params=match.params,
            identity=identity or Anonymous(),
        )
        response = await match.route.handle(exchange)
        assert isinstance(response, web.Response)
        return response

    return answer
