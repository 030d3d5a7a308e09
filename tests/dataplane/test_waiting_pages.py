"""Who is asked to wait for a board, and what they are told meanwhile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from small_gateway import SmallGateway, StartGateway
from small_house import basic

from tbgateway.boards.membership_view import MembershipView
from tbgateway.dataplane.waiting_pages import WaitingPages
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board, Experiment, ExperimentState, Membership
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.status import BoardStatus
from tbgateway.webassets import Library, read_installed, rewrite

AUTH = basic("vision-user", "vision-password")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Dest": "document"}
WAITING, AT_ONCE = b"vision is starting", b"tb-webapp"
MUCH = 250_000_000


@dataclass
class Scene:
    """A board with experiments of these sizes, and what is known of its openings."""

    sizes: tuple[int, ...] = (MUCH,)
    state: BoardState = BoardState.STARTING
    reason: str = "reading event files"
    last: float | None = None
    removing: frozenset[int] = field(default_factory=frozenset)
    viewed: int = 0

    def status(self, _board: Board) -> BoardStatus:
        return BoardStatus(state=self.state, reason=self.reason)

    def experiments(self, _board: Board) -> Iterator[Experiment]:
        staying = (number for number in range(len(self.sizes)) if number not in self.removing)
        return map(self._experiment, staying)

    def membership_records(self, board: Board) -> Iterator[Membership]:
        for number in range(len(self.sizes)):
            one, removing = ExperimentId(f"ex{number}"), number in self.removing
            yield Membership(board_id=board.id, experiment_id=one, added_at=0.0, removing=removing)

    def views(self, _board: Board, some: Iterable[Membership]) -> tuple[MembershipView, ...]:
        return tuple(map(self._view, some))

    def took(self, _board_id: BoardId) -> float | None:
        return self.last

    def lasts(self, _board_id: BoardId) -> float:
        return 12.7

    def _view(self, membership: Membership) -> MembershipView:
        self.viewed += 1
        experiment = self._experiment(int(membership.experiment_id.removeprefix("ex")))
        return MembershipView(
            membership=membership,
            experiment=experiment,
            name=experiment.name,
            state=membership.state(experiment),
            visible=None,
            problem=None if experiment.bytes else "its directory is missing",
        )

    def _experiment(self, number: int) -> Experiment:
        return Experiment(
            id=ExperimentId(f"ex{number}"),
            root="runs",
            path=f"run-{number}",
            name=f"run-{number}",
            state=ExperimentState.COMPLETED,
            bytes=self.sizes[number],
            created_at=0.0,
        )


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(rewrite(read_installed()))


async def ask(
    start_gateway: StartGateway, library: Library, scene: Scene, path: str = "", **headers: str
) -> tuple[SmallGateway, bytes]:
    gateway = await start_gateway(library=library, waiting=WaitingPages(scene, scene))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = await gateway.ask(f"/boards/vision/{path}", auth=AUTH, headers={**BROWSER, **named})
    assert reply.status == (503 if WAITING in reply.body else 200)
    return gateway, reply.body


@pytest.mark.parametrize(
    ("scene", "waits"),
    [
        (Scene(), True),
        (Scene(state=BoardState.SLEEPING), True),
        (Scene(state=BoardState.RESTARTING), True),
        (Scene(state=BoardState.RUNNING), False),
        (Scene(sizes=(1000, 0)), False),
        (Scene(sizes=(MUCH // 2, MUCH // 2)), True),
        (Scene(sizes=(1000, MUCH), removing=frozenset({1})), False),
        (Scene(last=1.9), False),
        (Scene(last=2.1), True),
        (Scene(sizes=(1000,), last=30.0), True),
    ],
)
async def test_people_wait_for_boards_that_take_long(
    start_gateway: StartGateway, library: Library, scene: Scene, *, waits: bool
) -> None:
    gateway, body = await ask(start_gateway, library, scene)

    assert (WAITING if waits else AT_ONCE) in body
    assert gateway.woken == [gateway.house.boards["vision"].id]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("", {"Accept": "*/*"}),
        ("", {"Accept": "application/json"}),
        ("", {"Sec_Fetch_Dest": "iframe"}),
        ("data/plugin/projector/projector_binary.html", {}),
        ("icon_bundle.svg", {"Accept": "image/*"}),
    ],
)
async def test_everything_else_is_as_it_was(
    start_gateway: StartGateway, library: Library, path: str, headers: dict[str, str]
) -> None:
    _, body = await ask(start_gateway, library, Scene(), path, **headers)

    assert WAITING not in body


async def test_a_waiting_page_asks_whether_there_is_still_to_wait(
    start_gateway: StartGateway, library: Library
) -> None:
    _, body = await ask(start_gateway, library, Scene(), Sec_Fetch_Dest="empty", Accept="text/html")

    assert WAITING in body


async def test_it_says_what_is_read(start_gateway: StartGateway, library: Library) -> None:
    sizes = (1000, MUCH, 0, *[10] * 30)
    _, body = await ask(start_gateway, library, Scene(sizes=sizes))
    text = body.decode()

    assert "33 experiments with 250 MB of event files" in text
    assert "reading event files" in text
    assert "for 12 s" in text
    assert text.index("run-1<") < text.index("run-0<")
    assert "and 13 smaller ones" in text
    assert text.count('data-live="ex') == 20


async def test_of_thousands_only_those_that_are_named_are_looked_at(
    start_gateway: StartGateway, library: Library
) -> None:
    scene = Scene(sizes=(MUCH, *range(5000)))
    _, body = await ask(start_gateway, library, scene)

    assert b"and 4,981 smaller ones" in body
    assert scene.viewed == 20
