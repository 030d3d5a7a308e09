"""The API, the command line, the client and the pages can do the same, and say the same of it.

What each of the four can do is found by looking at it: operations in the OpenAPI document, commands
and methods by introspection, pages and forms by walking through a gateway as an admin. One table
(`verbs.py` in tests/support) says what each verb is called in each, and why it is missing where it
is.
"""

import inspect
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from cyclopts import App
from event_writer import write_scalars
from gateway_in_process import ADMIN_PASSWORD, started
from page_crawl import PageCrawl
from verbs import SIDES, VERBS, Names, Verb, Without

from tbgateway.boards import Entry
from tbgateway.cli.application import app
from tbgateway.client import Client
from tbgateway.client.boards import Boards
from tbgateway.client.experiments import Experiments
from tbgateway.client.members import Members
from tbgateway.client.tensorboards import Tensorboards
from tbgateway.client.tokens import Tokens
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.gateway import Gateway

ADMIN = SignedIn("admin", Role.ADMIN)
NOUNS = {
    "": Client, "boards.": Boards, "experiments.": Experiments, "members.": Members,
    "tokens.": Tokens, "tensorboards.": Tensorboards,
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
