"""What others can make a member's browser do: nothing.

The matrix is generated from the routes, so a new route is in it as soon as it exists: each change
is asked for with a session and with a password, by forms and scripts of every kind, on behalf of
our own pages, of other sites and of boards' pages.
"""

import asyncio
import itertools
import logging
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

import pytest
from aiohttp import web
from gateway_in_process import ADMIN_PASSWORD, gateway_in_process
from raw_http import Reply, read_reply
from route_paths import path_of
from signing_in import FORM, sign_in

from tbgateway.boards import Entry
from tbgateway.dataplane.cross_site import refuse_cross_site
from tbgateway.dataplane.dispatching import dispatch
from tbgateway.dataplane.means import Means, Next, Step
from tbgateway.dataplane.pipeline import STEPS
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.experiments import Experiments
from tbgateway.gateway import Gateway
from tbgateway.routes import Exchange, Route, Who
from tbgateway.store import Store
from tbgateway.telemetry.logs import VERBOSITY

CHANGES = ("POST", "PUT", "PATCH", "DELETE")
REACHED = 299
MARK = "X-Question"
TYPES = ("", FORM, "multipart/form-data; boundary=x", "text/plain", "application/json")
SITES = ("", "same-origin", "none", "same-site", "cross-site")
FOREIGN = ("https://evil.test", "null")
SCRIPTS = {"default-src", "script-src", "worker-src"}
TRUSTED = {"require-trusted-types-for", "trusted-types"}  # what these say only takes away
ADMIN = SignedIn("admin", Role.ADMIN)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write no log: ten thousand lines would be most of the work."""
    monkeypatch.setattr(VERBOSITY, "least", logging.CRITICAL)


async def note(_means: Means, exchange: Exchange, _call_next: Next) -> web.StreamResponse:
    """Stand for the routes where the matrix asks: who comes this far could change something."""
    assert exchange.route is not None
    assert exchange.authorised
    if MARK not in exchange.request.headers:
        return await exchange.route.handle(exchange)
    return web.Response(status=REACHED)


WITHOUT_ROUTES = (*(step for step in STEPS if step is not dispatch), note)


@dataclass(frozen=True)
class Question:
    """One question of the matrix."""

    method: str
    path: str
    public: bool  # a route for anyone looks at no session, or at the cookie itself
    site: str
    origin: str
    referer: str
    content_type: str
    by: str

    def headers(self, credentials: str) -> Mapping[str, str]:
        fields = {
            "Sec-Fetch-Site": self.site,
            "Origin": self.origin,
            "Referer": self.referer,
            "Content-Type": self.content_type,
            MARK: "1",
        }
        name = "Cookie" if self.by == "session" else "Authorization"
        return {key: value for key, value in fields.items() if value} | {name: credentials}


class Asker:
    """Asks over one connection, byte by byte as written here."""

    def __init__(self, host: str) -> None:
        self.host = host

    async def __aenter__(self) -> Self:
        address, _, port = self.host.rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(address, int(port))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, method: str, path: str, headers: Mapping[str, str]) -> Reply:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", "Content-Length: 0"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        return await read_reply(self._reader)


@asynccontextmanager
async def furnished(steps: Iterable[Step]) -> AsyncIterator[Gateway]:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        (home / "runs").mkdir()
        async with gateway_in_process(home, {"runs": home / "runs"}, steps=steps) as gateway:
            entry = Entry(access=Access.PASSWORD, username="vision", password="for-this-board")
            await gateway.boards.create(ADMIN, "vision", (), entry)
            yield gateway


async def credentials_of(gateway: Gateway) -> Mapping[str, str]:
    signed_in = await sign_in(gateway.url, "admin", ADMIN_PASSWORD)
    password = b64encode(f"admin:{ADMIN_PASSWORD}".encode()).decode()
    return {"session": signed_in.cookie, "password": f"Basic {password}"}


def questions(routes: Iterable[Route], url: str) -> Iterator[Question]:
    changes = {
        (route.method, path_of(route), route.who is Who.ANYONE)
        for route in routes
        if route.method in CHANGES
    }
    origins = ("", url, f"{url}0", *FOREIGN)
    referers = ("", f"{url}/ui/account", f"{url}/boards/vision/")
    who_asks = [(site, origin, "") for site in SITES for origin in origins]
    who_asks += [("same-origin", url, referer) for referer in referers[1:]]
    who_asks += [("", origin, referers[2]) for origin in ("", url)]
    for change, asks, kind, by in itertools.product(
        sorted(changes), who_asks, TYPES, ("session", "password")
    ):
        yield Question(*change, *asks, kind, by)


def is_ours(question: Question, url: str) -> bool:
    """Whether one of our own pages, or a person's own program, may have asked."""
    if question.site:
        said = question.site in {"same-origin", "none"}
    elif question.origin:
        said = question.origin == url
    else:
        said = question.public or question.by == "password"  # a program has no session
    if question.path.startswith("/boards/"):
        return said
    return said and "/boards/" not in question.referer


def may_reach(question: Question, url: str) -> bool:
    is_page = question.path.startswith("/ui/")
    return is_ours(question, url) and (not is_page or question.content_type == FORM)


async def surprises(gateway: Gateway, every: int = 1) -> tuple[list[Question], int]:
    """Return what was answered otherwise than it should be, and how much reached its route.

    Only `every` so many questions are asked.
    """
    credentials = await credentials_of(gateway)
    wrong, reached = [], 0
    async with Asker(gateway.url.removeprefix("http://")) as asker:
        asked = itertools.islice(questions(gateway.routes, gateway.url), 0, None, every)
        for question in asked:
            headers = question.headers(credentials[question.by])
            reply = await asker.ask(question.method, question.path, headers)
            reached += reply.status == REACHED
            expected = {REACHED} if may_reach(question, gateway.url) else {403, 415}
            wrong += [question] if reply.status not in expected else []
    return wrong, reached


async def test_only_our_own_pages_and_programs_change_anything() -> None:
    async with furnished(WITHOUT_ROUTES) as gateway:
        wrong, reached = await surprises(gateway)

        assert wrong[:3] == []
        assert reached > len(TYPES) * len(CHANGES)


async def test_the_matrix_notices_when_the_step_is_missing() -> None:
    steps = [step for step in WITHOUT_ROUTES if step is not refuse_cross_site]
    async with furnished(steps) as gateway:
        wrong, _ = await surprises(gateway, every=7)

    forged = {(one.by, one.site) for one in wrong}
    assert forged >= {("session", "cross-site"), ("password", "cross-site"), ("session", "")}


def records(gateway: Gateway) -> object:
    """Return all that is kept but for when boards were looked at."""
    store = gateway.store
    boards = {(one.id, one.name, one.access, one.paused) for one in store.boards.values()}
    kept = (store.members, store.tokens, store.sessions, store.experiments, store.memberships)
    return boards, [dict(one) for one in kept]


async def headers_at(gateway: Gateway, path: str, shown: Mapping[str, str]) -> Reply:
    """Return an answer's status and headers; a stream of events goes on for ever."""
    host = gateway.url.removeprefix("http://")
    async with Asker(host) as asker:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in shown.items()]
        asker._writer.write("\r\n".join([*lines, "", ""]).encode())
        return await read_reply(asker._reader, head=True)


def pages(gateway: Gateway) -> Iterator[str]:
    yield from sorted({path_of(route) for route in gateway.routes if route.method == "GET"})
    yield from ("/nothing", "/ui/nothing", "/ui/sign-out")  # not found, wrong method


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
async def test_reading_changes_nothing_and_every_answer_of_ours_has_a_strict_policy(
    accept: str,
) -> None:
    async with furnished(STEPS) as gateway:
        credentials = await credentials_of(gateway)
        before = records(gateway)
        for path in pages(gateway):
            if path.startswith("/boards/"):
                continue  # boards have policies of their own: dataplane/test_security_headers.py
            for shown in ({"Cookie": credentials["session"]}, {}):
                reply = await headers_at(gateway, path, {**shown, "Accept": accept})
                assert lax(reply, gateway.url) == [], (path, shown)
                assert reply.header("X-Content-Type-Options") == "nosniff"
                assert reply.header("X-Frame-Options") == "DENY"
        assert records(gateway) == before


def events_too_deep_to_be_found(gateway: Gateway) -> Path:
    """Make an experiment that only somebody who names its path could have registered."""
    runs = gateway.control.parent.parent / "runs"
    path = runs / "x" / "far" / "too" / "deep" / "for" / "any" / "scan" / "to" / "find"
    path.mkdir(parents=True)
    (path / "events.out.tfevents.1.host").write_bytes(b"x")
    return path


async def test_no_query_makes_a_page_change_anything_or_look_at_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another site can lead a browser to any page of ours, with the session's cookie."""
    async with furnished(STEPS) as gateway:
        credentials = await credentials_of(gateway)
        deep = events_too_deep_to_be_found(gateway)
        before = records(gateway)
        done: list[str] = []
        for kind, name in (
            (Experiments, "rescan"),
            (Experiments, "register"),
            (Store, "transaction"),
        ):
            monkeypatch.setattr(kind, name, told(done, kind, name))
        for pasted in (f"{deep}", "a-name-that-nobody-knows"):
            shown = {"Cookie": credentials["session"], "Accept": "text/html"}
            for path, step in itertools.product(pages(gateway), ("list", "done")):
                if path.startswith("/boards/"):
                    continue  # a visit starts a board
                typed = {"carried": "", "step": step, "pasted": pasted, "name": "mine"}
                query = urlencode(typed | {"path": deep, "confirmed": "1", "board": "vision"})
                reply = await headers_at(gateway, f"{path}?{query}", shown)
                assert reply.status < 500, path
                assert done == [], path
        assert records(gateway) == before


LONG_NUMBER = "9" * 5000  # more digits than int() reads
ODD = "\u00b2\u0663"  # digits to some, numbers to others


@pytest.mark.parametrize("value", [LONG_NUMBER, ODD, "-1", "http://["])
async def test_no_link_makes_an_internal_error(value: str) -> None:
    """Nor does whatever a browser says of the page with the link."""
    names = ("page", "added", "others", "completed", "deleted", "all")
    async with furnished(STEPS) as gateway:
        credentials = await credentials_of(gateway)
        said = {"Cookie": credentials["session"], "Accept": "text/html", "Referer": "http://["}
        for path, name in itertools.product(pages(gateway), names):
            if path.startswith("/boards/"):
                continue
            query = urlencode({name: value, "started": "vision"})
            reply = await headers_at(gateway, f"{path}?{query}", said)
            assert reply.status < 500, (path, name)


async def test_a_page_takes_nothing_but_a_form_not_even_from_a_program() -> None:
    async with furnished(STEPS) as gateway, Asker(gateway.url.removeprefix("http://")) as asker:
        token = (
            await gateway.members.create_token(ADMIN, "admin", label="x", lifetime=None)
        ).secret
        for path in sorted({path_of(one) for one in gateway.routes if one.method == "POST"}):
            if path.startswith("/ui/"):
                said = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                assert (await asker.ask("POST", path, said)).status == 415, path


async def test_no_referer_makes_an_internal_error_of_a_form() -> None:
    async with furnished(STEPS) as gateway, Asker(gateway.url.removeprefix("http://")) as asker:
        said = {"Origin": gateway.url, "Content-Type": FORM, "Referer": "http://["}
        for path in sorted({path_of(one) for one in gateway.routes if one.method == "POST"}):
            if path.startswith("/ui/"):
                reply = await asker.ask("POST", path, said)
                assert reply.status < 500, path


def told(done: list[str], kind: type, name: str) -> object:
    """Return a method of a kind that is told of when it is called."""
    method = getattr(kind, name)

    def call(*args: object, **options: object) -> object:
        done.append(name)
        return method(*args, **options)

    return call


def lax(reply: Reply, url: str) -> list[str]:
    """Return what a policy leaves open: sources but our own, or a directive that is missing.

    Scripts come out of our own files only, not from anywhere in this origin: boards are in it.
    """
    ours = {"'self'", "'none'", f"{url}/ui/static/"}
    scripts = {"'none'", f"{url}/ui/static/"}
    policies = [value for name, value in reply.headers if name.lower() == "content-security-policy"]
    if len(policies) != 1:
        return [f"{len(policies)} policies"]
    said = [directive.split() for directive in policies[0].split(";") if directive.strip()]
    directives = {name: values for name, *values in said}
    wanted = {"default-src", "base-uri", "frame-ancestors", "form-action"}
    missing = sorted(wanted - directives.keys())
    open_to = [
        f"{name} {value}"
        for name, values in directives.items()
        for value in values
        if name not in TRUSTED and value not in (scripts if name in SCRIPTS else ours)
    ]
    framed = directives.get("frame-ancestors") != ["'none'"]
    return missing + open_to + (["frame-ancestors"] if framed else [])
