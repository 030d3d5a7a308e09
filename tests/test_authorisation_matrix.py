"""Every route of the product, by every method, with every kind of credentials.

The matrix is generated from the routes, so a new route is in it as soon as it exists.
"""

import asyncio
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from gateway_in_process import ADMIN_PASSWORD, gateway_in_process
from route_paths import path_of
from signing_in import FORM, sign_in, sign_out

from tbgateway.boards import Entry
from tbgateway.dataplane.authentication import authenticate
from tbgateway.dataplane.authorisation import authorise
from tbgateway.dataplane.means import Step
from tbgateway.dataplane.pipeline import STEPS
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.gateway import Gateway
from tbgateway.routes import Route, Who

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
STRANGERS = (
    *("none", "wrong", "other board's", "expired token", "ended session", "left"),
    "expired API key",
)
BOTH = "viewer's session and an admin's password"
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REFUSED_EVERYWHERE = {"TRACE", "CONNECT"}
ADMIN = SignedIn("admin", Role.ADMIN)
PASSWORDS = {"vision": "the-vision-password", "audio": "the-audio-password"}


@dataclass(frozen=True)
class Cell:
    """One question of the matrix."""

    route: Route
    method: str
    credentials: str
    status: int


@asynccontextmanager
async def furnished(steps: Iterable[Step] = STEPS) -> AsyncIterator[Gateway]:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        (home / "runs").mkdir()
        async with gateway_in_process(home, {"runs": home / "runs"}, steps=steps) as gateway:
            for name, password in PASSWORDS.items():
                entry = Entry(access=Access.PASSWORD, username=name, password=password)
                await gateway.boards.create(ADMIN, name, (), entry)
            await gateway.members.create("vera", role=Role.VIEWER, password="the-vera-password")
            yield gateway


@dataclass(frozen=True)
class Shown:
    """What somebody shows to be let in."""

    authorization: str = ""
    cookie: str = ""
    api_key: str = ""


def basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


async def credentials(gateway: Gateway) -> dict[str, Shown]:
    expired = await gateway.members.create_token(ADMIN, "admin", label="old", lifetime=-1.0)
    keys = {
        name: (await gateway.members.create_token(ADMIN, name, label="key", lifetime=None)).secret
        for name in ("admin", "vera")
    }
    admin, viewer, ended = [
        await sign_in(gateway.url, name, password)
        for name, password in (
            ("admin", ADMIN_PASSWORD),
            ("vera", "the-vera-password"),
            ("admin", ADMIN_PASSWORD),
        )
    ]
    left = await sign_out(gateway.url, ended.cookie)
    return {
        "none": Shown(),
        "wrong": Shown(basic("admin", "not-the-password")),
        "other board's": Shown(basic("audio", PASSWORDS["audio"])),
        "expired token": Shown(f"Bearer {expired.secret}"),
        "ended session": Shown(cookie=ended.cookie),
        "left": Shown(basic("admin", ADMIN_PASSWORD), left.cookie),
        "viewer": Shown(basic("vera", "the-vera-password")),
        "viewer's session": Shown(cookie=viewer.cookie),
        BOTH: Shown(basic("admin", ADMIN_PASSWORD), viewer.cookie),
        "board's own": Shown(basic("vision", PASSWORDS["vision"])),
        "board's own, and a viewer's session": Shown(
            basic("vision", PASSWORDS["vision"]), viewer.cookie
        ),
        "admin": Shown(basic("admin", ADMIN_PASSWORD)),
        "admin's session": Shown(cookie=admin.cookie),
        "admin's session and a wrong password": Shown(basic("admin", "of old"), admin.cookie),
        "expired API key": Shown(api_key=expired.secret),
        "viewer's API key": Shown(api_key=keys["vera"]),
        "admin's API key": Shown(api_key=keys["admin"]),
    }


async def status_of(gateway: Gateway, method: str, path: str, shown: Shown) -> int:
    """Ask over a connection of its own, byte by byte as written here."""
    host = gateway.url.removeprefix("http://")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"Origin: {gateway.url}"]
    lines += [f"Content-Type: {FORM}"] if path.startswith("/ui/") else []
    lines += [f"Authorization: {shown.authorization}"] if shown.authorization else []
    lines += [f"Cookie: {shown.cookie}"] if shown.cookie else []
    lines += [f"X-API-Key: {shown.api_key}"] if shown.api_key else []
    lines += ["Content-Length: 0", "", ""]
    address, _, port = host.rpartition(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    writer.write("\r\n".join(lines).encode())
    reply = await reader.readline()  # no more: a stream of events goes on for ever
    writer.close()
    await writer.wait_closed()
    return int(reply.split(b" ", 2)[1])


async def walk(gateway: Gateway) -> list[Cell]:
    known = await credentials(gateway)
    cells = []
    for route in {route.pattern: route for route in gateway.routes}.values():
        by_method = {one.method: one for one in gateway.routes if one.pattern == route.pattern}
        if "GET" in by_method:
            by_method.setdefault("HEAD", by_method["GET"])
        for method in METHODS:
            for name, shown in known.items():
                if method in CHANGES and (name in ADMINS or "/sign-out" in route.pattern):
                    continue  # would change what the other cells are about
                status = await status_of(gateway, method, path_of(route), shown)
                cells.append(Cell(by_method.get(method, route), method, name, status))
    return cells


def violations(cells: Iterable[Cell], routes: Iterable[Route]) -> list[Cell]:
    existing = {(route.pattern, route.method) for route in routes}
    existing |= {(pattern, "HEAD") for pattern, method in existing if method == "GET"}
    return [cell for cell in cells if not as_expected(cell, existing)]


def as_expected(cell: Cell, existing: set[tuple[str, str]]) -> bool:
    if cell.method in REFUSED_EVERYWHERE:
        return cell.status in {400, 405, 501}
    if (cell.route.pattern, cell.method) not in existing:
        return cell.status in {401, 405}
    return cell.status not in {401, 403} if may(cell) else cell.status in {401, 403}


KEYS = {"viewer's API key", "admin's API key"}
VIEWERS = {"viewer", "viewer's session", BOTH, "board's own, and a viewer's session"}
VIEWERS |= {"viewer's API key"}
ADMINS = {"admin", "admin's session", "admin's session and a wrong password", "admin's API key"}
BY_SESSION = {"admin's session", "admin's session and a wrong password"}
WANTS_MORE_THAN_A_SESSION = {"/api/v1/backup"}  # it holds the digests of all passwords
VISITORS = {"board's own", "board's own, and a viewer's session"}


def may(cell: Cell) -> bool:
    if cell.credentials in KEYS and not cell.route.takes_api_key:
        return cell.route.who is Who.ANYONE
    if cell.route.pattern in WANTS_MORE_THAN_A_SESSION and cell.credentials in BY_SESSION:
        return False
    match cell.route.who:
        case Who.ANYONE:
            return True
        case Who.LOOKERS:
            # The admin's password opens the board, whoever is signed in: that one may not look.
            return cell.credentials in ADMINS | VISITORS | {BOTH}
        case Who.VIEWERS:
            return cell.credentials in VIEWERS | ADMINS
        case Who.EDITORS | Who.ADMINS:
            return cell.credentials in ADMINS
    raise AssertionError(cell)


async def test_every_route_answers_exactly_those_who_may() -> None:
    async with furnished() as gateway:
        cells = await walk(gateway)
        assert violations(cells, gateway.routes) == []
        served = {cell.route.who for cell in cells if cell.status < 300}
        assert served >= {Who.ANYONE, Who.LOOKERS, Who.VIEWERS}
        strangers = [one for one in cells if one.credentials in STRANGERS and one.status < 300]
        assert {one.route.who for one in strangers} == {Who.ANYONE}
        by_key = [one for one in cells if one.credentials in KEYS and one.status < 300]
        assert {one.route.who for one in by_key} == {Who.ANYONE, Who.VIEWERS}


@pytest.mark.parametrize("missing", [authenticate, authorise], ids=lambda step: step.__name__)
async def test_the_matrix_notices_when_a_step_is_missing(missing: Step) -> None:
    steps = [step for step in STEPS if step is not missing]
    async with furnished(steps) as gateway:
        assert violations(await walk(gateway), gateway.routes)


async def test_api_keys_are_taken_below_gradients_path_only() -> None:
    async with furnished() as gateway:
        taken = {route.pattern for route in gateway.routes if route.takes_api_key}
        below = {one.pattern for one in gateway.routes if one.pattern.startswith("/tensorboards/")}
    assert taken == below != set()


async def test_who_may_look_is_declared_by_every_route() -> None:
    async with furnished() as gateway:
        public = {route.pattern for route in gateway.routes if route.who is Who.ANYONE}
    assert public == {
        "/api/v1/openapi.json", "/api/v1/problems/{code}",
        "/boards", "/boards/", "/favicon.ico", "/favicon.svg", "/healthz", "/readyz",
        "/assets/{fingerprint}/{path*}", "/robots.txt", "/ui/static/{file}",
        "/ui/sign-in", "/ui/sign-out",
    }  # fmt: skip
