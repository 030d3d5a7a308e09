"""The API, the command line, the client and the pages can do the same, and say the same of it.

What each of the four can do is found by looking at it: operations in the OpenAPI document, commands
and methods by introspection, pages and forms by walking through a gateway as an admin. One table
says what each verb is called in each, and why it is missing where it is.
"""

import inspect
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from cyclopts import App
from event_writer import write_scalars
from gateway_in_process import ADMIN_PASSWORD, started
from page_crawl import PageCrawl

from tbgateway.boards import Entry
from tbgateway.cli.application import app
from tbgateway.client import Client
from tbgateway.client.boards import Boards
from tbgateway.client.experiments import Experiments
from tbgateway.client.members import Members
from tbgateway.client.tokens import Tokens
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.gateway import Gateway

ADMIN = SignedIn("admin", Role.ADMIN)
SIDES = ("api", "cli", "client", "pages")
NOUNS = {
    "": Client, "boards.": Boards, "experiments.": Experiments, "members.": Members,
    "tokens.": Tokens,
}  # fmt: skip


@dataclass(frozen=True)
class Without:
    """Why a verb is missing on a side."""

    reason: str


Names = tuple[str, ...] | str | Without


@dataclass(frozen=True, kw_only=True)
class Verb:
    """What something that can be done is called on each of the four sides."""

    api: Names
    cli: Names
    client: Names
    pages: Names

    def names(self, side: str) -> tuple[str, ...]:
        known: Names = getattr(self, side)
        match known:
            case Without():
                return ()
            case str():
                return (known,)
            case _:
                return known


FOR_BROWSERS = Without("only browsers have sessions; all others send credentials each time")
OF_THIS_MACHINE = Without("it is about the machine where it is typed, not about a gateway")
FOR_MONITORS = Without("monitoring asks for it by HTTP, and nobody else needs it")
PART_OF_CHOOSING = Without("a step of choosing on a page; all others name what they choose")
LIVE = Without("every page is kept up to date while it is open")

BOARD, EXPERIMENT = "/ui/boards/{board}", "/ui/experiments/{experiment}"
VERBS: Mapping[str, Verb] = {
    # boards
    "list boards": Verb(
        api="listBoards", cli="board list", client="boards.list", pages="GET /",
    ),
    "show a board": Verb(
        api="showBoard", cli="board show", client="boards.show", pages=f"GET {BOARD}",
    ),
    "make a board": Verb(
        api="createBoard", cli="board create", client="boards.create",
        pages=("GET /ui/new-board", "POST /ui/new-board", "POST /ui/new-board step=done"),
    ),
    "choose the experiments of a board": Verb(
        api=PART_OF_CHOOSING, cli=PART_OF_CHOOSING, client=PART_OF_CHOOSING,
        pages=tuple(
            f"POST {page} step={step}"
            for page in ("/ui/new-board", f"{BOARD}/add")
            for step in ("all", "list", "search")
        ),
    ),
    "put experiments on a board": Verb(
        api=("changeBoardExperiments", "addBoardExperiment"), cli="board add",
        client="boards.add", pages=(f"GET {BOARD}/add", f"POST {BOARD}/add step=done"),
    ),
    "take experiments off a board": Verb(
        api=("changeBoardExperiments", "removeBoardExperiment"), cli="board remove",
        client="boards.remove", pages=(f"POST {BOARD}/remove", f"POST {BOARD}/remove only=ID"),
    ),
    "rename a board": Verb(
        api="changeBoard", cli="board rename", client="boards.rename",
        pages=f"POST {BOARD}/rename",
    ),
    "set a board's password": Verb(
        api="changeBoard", cli="board set-password", client="boards.set_password",
        pages=f"POST {BOARD}/access",
    ),
    "say who may look at a board": Verb(
        api="changeBoard", cli="board set-access", client="boards.set_access",
        pages=f"POST {BOARD}/access",
    ),
    "say when a board goes to sleep": Verb(
        api="changeBoard", cli="board set-idle", client="boards.set_idle",
        pages=f"POST {BOARD}/idle",
    ),
    "read who visited a board": Verb(
        api="listBoardVisits", cli="board visits", client="boards.visits", pages=f"GET {BOARD}",
    ),
    "start a board": Verb(
        api="startBoard", cli="board start", client="boards.start",
        pages=(f"POST {BOARD}/start", "POST /ui/boards action=start"),
    ),
    "stop a board": Verb(
        api="stopBoard", cli="board stop", client="boards.stop",
        pages=(f"POST {BOARD}/stop", "POST /ui/boards action=stop"),
    ),
    "delete a board": Verb(
        api="deleteBoard", cli="board delete", client="boards.delete",
        pages=(f"GET {BOARD}/delete", f"POST {BOARD}/delete", "POST /ui/boards action=delete"),
    ),
    "read a board's log": Verb(
        api="readBoardLog", cli="board logs", client="boards.log", pages=f"GET {BOARD}",
    ),
    "open a board": Verb(
        api=Without("a board's URL is one of its fields"), cli="board open",
        client=Without("a board's URL is one of its fields"), pages="GET /",
    ),
    "wait for a board": Verb(
        api="showBoard", cli=Without("an option of each command that there is something to wait"
        " for"), client="boards.wait", pages=LIVE,
    ),
    "be told what happens": Verb(
        api="listenToEvents", cli=Without("an option of each command that lists or shows"),
        client="events", pages=LIVE,
    ),
    # experiments
    "list experiments": Verb(
        api="listExperiments", cli="experiment list", client="experiments.list",
        pages="GET /ui/experiments",
    ),
    "show an experiment": Verb(
        api="showExperiment", cli="experiment show", client="experiments.show",
        pages=f"GET {EXPERIMENT}",
    ),
    "register an experiment": Verb(
        api="registerExperiment", cli="experiment register", client="experiments.register",
        pages="POST /ui/experiments/register",
    ),
    "rename an experiment": Verb(
        api="registerExperiment", cli="experiment register", client="experiments.register",
        pages=f"POST {EXPERIMENT}/rename",
    ),
    "complete an experiment": Verb(
        api="completeExperiment", cli="experiment complete", client="experiments.complete",
        pages="POST /ui/experiments/complete",
    ),
    "fail an experiment": Verb(
        api="failExperiment", cli="experiment fail", client="experiments.fail",
        pages="POST /ui/experiments/fail",
    ),
    "delete an experiment": Verb(
        api="deleteExperiment", cli="experiment delete", client="experiments.delete",
        pages="POST /ui/experiments/delete",
    ),
    # members
    "list members": Verb(
        api="listMembers", cli="member list", client="members.list",
        pages=("GET /ui/members", "GET /ui/members/member"),
    ),
    "make a member": Verb(
        api="createMember", cli="member create", client="members.create",
        pages="POST /ui/members/create",
    ),
    "set a member's password": Verb(
        api="changeMember", cli="member set-password", client="members.set_password",
        pages=("POST /ui/members/set-password", "POST /ui/account/set-password"),
    ),
    "delete a member": Verb(
        api="deleteMember", cli="member delete", client="members.delete",
        pages=("GET /ui/members/delete", "POST /ui/members/delete"),
    ),
    # tokens
    "list tokens": Verb(
        api="listTokens", cli="token list", client="tokens.list",
        pages=("GET /ui/account", "GET /ui/members/member"),
    ),
    "make a token": Verb(
        api="createToken", cli="token create", client="tokens.create",
        pages=("POST /ui/account/create-token", "POST /ui/members/create-token"),
    ),
    "delete a token": Verb(
        api="deleteToken", cli="token delete", client="tokens.delete",
        pages=("POST /ui/account/delete-token", "POST /ui/members/delete-token"),
    ),
    # oneself and the gateway
    "be told who one is": Verb(
        api="whoAmI", cli="login", client="whoami", pages="GET /ui/account",
    ),
    "be told what runs": Verb(
        api="showVersion", cli="version", client="versions", pages="GET /ui/account",
    ),
    "sign in": Verb(
        api=FOR_BROWSERS, cli="login", client=FOR_BROWSERS,
        pages=("GET /ui/sign-in", "POST /ui/sign-in"),
    ),
    "sign out": Verb(
        api=FOR_BROWSERS, cli="logout", client=FOR_BROWSERS,
        pages=("POST /ui/sign-out", "POST /ui/account/sign-out-everywhere"),
    ),
    "read about the API": Verb(
        api=("readOpenApi", "explainProblem"), cli=Without("--help and hints tell people"),
        client=Without("it was written by it"), pages=Without("it is for programs"),
    ),
    "ask whether the gateway works": Verb(
        api=("checkHealth", "checkReadiness"), cli="doctor", client=FOR_MONITORS,
        pages=FOR_MONITORS,
    ),
    "run things here": Verb(
        api=OF_THIS_MACHINE, cli=("serve", "demo", "config show", "completion"),
        client=OF_THIS_MACHINE, pages=OF_THIS_MACHINE,
    ),
}  # fmt: skip


# --- what each side can do


async def operations(gateway: Gateway) -> AbstractSet[str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{gateway.url}/api/v1/openapi.json") as answer,
    ):
        document = await answer.json()
    return {
        operation["operationId"]
        for methods in document["paths"].values()
        for method, operation in methods.items()
        if method in {"get", "put", "post", "patch", "delete"}
    }


def commands(parent: App = app, words: tuple[str, ...] = ()) -> Iterator[str]:
    for name in parent:
        if not name.startswith("-"):
            child = parent[name]
            if child.default_command is None:
                yield from commands(child, (*words, name))
            else:
                yield " ".join((*words, name))


def methods() -> Iterator[str]:
    for noun, kind in NOUNS.items():
        for name, _ in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_"):
                yield f"{noun}{name}"


async def pages(gateway: Gateway) -> AbstractSet[str]:
    """Return the pages and the forms; whatever a button's id is about, it is called ID."""
    crawl = PageCrawl(gateway.url, tuple(gateway.routes))
    await crawl.sign_in("admin", ADMIN_PASSWORD)
    await crawl.walk("/")
    found = {f"GET {pattern}" for pattern in crawl.pages} | crawl.forms
    return {re.sub(r"=ex[0-9a-f]{10}$", "=ID", name) for name in found}


@asynccontextmanager
async def furnished() -> AsyncIterator[Gateway]:
    """Run a gateway that has one of everything a page may have a button for."""
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        for name in ("first", "second"):
            write_scalars(home / "runs" / name, {"loss": [1.0, 0.5]})
        async with started(home) as gateway:
            entry = Entry(access=Access.PASSWORD, username="visitor", password=ADMIN_PASSWORD)
            await gateway.boards.create(ADMIN, "vision", ["first"], entry)
            await gateway.boards.create(ADMIN, "paused", [], Entry())
            await gateway.boards.pause(ADMIN, "paused")
            await gateway.members.create("vera", role=Role.VIEWER, password=ADMIN_PASSWORD)
            for member in ("admin", "vera"):
                await gateway.members.create_token(ADMIN, member, label="nightly", lifetime=None)
            yield gateway


# --- the comparison


def disagreements(found: Mapping[str, AbstractSet[str]], verbs: Mapping[str, Verb]) -> list[str]:
    """Return what a side can do that no verb names, and what a verb names that it cannot do."""
    said = []
    for side in SIDES:
        named = {name for verb in verbs.values() for name in verb.names(side)}
        said += [f"{side} can do {name!r}, which no verb names" for name in found[side] - named]
        said += [f"{side} cannot do {name!r}" for name in named - found[side]]
    return sorted(said)


async def test_the_four_lists_agree() -> None:
    async with furnished() as gateway:
        found = {
            "api": await operations(gateway),
            "cli": set(commands()),
            "client": set(methods()),
            "pages": await pages(gateway),
        }
    assert disagreements(found, VERBS) == []


async def test_no_page_is_without_a_link_that_leads_to_it() -> None:
    async with furnished() as gateway:
        found = await pages(gateway)
        routes = {
            f"{route.method} {route.pattern}"
            for route in gateway.routes
            if route.pattern == "/" or route.pattern.startswith("/ui/")
        }
    bare = {name.partition(" ")[0] + " " + name.split(" ")[1] for name in found}
    forms = {name.removeprefix("POST ") for name in routes if name.startswith("POST ")}
    leading_back = {f"GET {pattern}" for pattern in forms}
    files = {"GET /ui/static/{file}"}
    assert routes - bare - leading_back - files == set()


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_that_is_missing_on_a_side_is_missing_for_a_reason(name: str) -> None:
    for side in SIDES:
        known: Names = getattr(VERBS[name], side)
        assert known.reason if isinstance(known, Without) else known, f"{name}: {side}"


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda known: known | {"something new"}, "can do 'something new'"),
        (lambda known: known - {min(known)}, "cannot do"),
    ],
)
def test_a_list_that_changes_alone_is_noticed(
    side: str, spoil: Callable[[AbstractSet[str]], AbstractSet[str]], words: str
) -> None:
    found = {one: {name for verb in VERBS.values() for name in verb.names(one)} for one in SIDES}
    assert disagreements(found, VERBS) == []
    (said,) = disagreements({**found, side: spoil(found[side])}, VERBS)
    assert words in said
    assert said.startswith(side)
