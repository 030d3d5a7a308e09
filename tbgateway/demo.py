"""A gateway on sample experiments and throw-away state, to try things out."""

import asyncio
import json
import os
import shutil
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tbgateway import gateway
from tbgateway.boards import Entry
from tbgateway.credentials import passwords
from tbgateway.domain.locations import CONTROL_SOCKET
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.gateway import Gateway
from tbgateway.members import FIRST_ADMIN
from tbgateway.samples import LiveSample, Sample, write_samples
from tbgateway.settings import Settings, load_settings
from tbgateway.telemetry import configure_logging

_BETWEEN_STEPS = 1.0  # seconds
_SHORT = Path("/tmp")  # noqa: S108 - TMPDIR may be too long for the path of a socket; mkdtemp is safe  # nosec
_ADMIN = SignedIn(FIRST_ADMIN, Role.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminCredentials:
    """How to sign in as the demo's admin."""

    username: str
    password: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCredentials:
    """How to open one of the demo's boards."""

    name: str
    url: str
    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Everything a visitor of the demo needs."""

    url: str
    admin: AdminCredentials
    boards: tuple[BoardCredentials, ...]

    def announcement(self, control: Path) -> str:
        """Return what is printed once the demo serves; `control` is its local socket."""
        rows = [(f"{self.url}/", self.admin.username, self.admin.password)]
        rows += [(one.url, one.username, one.password) for one in self.boards]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        padded = ("   ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        lines = [
            "The demo serves. Addresses, user names and passwords:",
            *(f"  {row}" for row in padded),
            "For the command line, in another terminal:",
            f"  export TBGATEWAY_SOCKET={control}",
            "Ctrl-C ends it and leaves nothing behind.",
        ]
        return "\n".join(lines)


def run(listen: str, *, open_browser: bool = False, credentials_file: Path | None = None) -> int:
    """Serve the demo until SIGINT, SIGTERM or SIGHUP; leave nothing behind."""
    asyncio.run(_run(listen, credentials_file, open_browser=open_browser))
    return 0


async def _run(listen: str, credentials_file: Path | None, *, open_browser: bool) -> None:
    # First of all, so that no signal finds directories that nobody would take away.
    async with gateway.stop_signals() as stopping:
        with _throw_away() as home, _throw_away(_SHORT) as runtime_dir:
            runs = home / "runs"
            samples = await asyncio.to_thread(write_samples, runs)
            if stopping.is_set():
                return
            settings = _settings(home, runtime_dir, runs, listen)
            async with _serving(settings, samples) as credentials, _still_training(runs):
                with _written(credentials_file, credentials):
                    print(credentials.announcement(runtime_dir / CONTROL_SOCKET), flush=True)  # noqa: T201 - this is what the demo says
                    if open_browser:
                        await asyncio.to_thread(webbrowser.open, credentials.url)
                    await stopping.wait()


@contextmanager
def _throw_away(parent: Path | None = None) -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="tbgateway-demo-", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def _serving(settings: Settings, samples: Sequence[Sample]) -> AsyncIterator[Credentials]:
    configure_logging(settings.log)
    password = passwords.generate_password()
    async with gateway.running(settings, lambda: password) as house:
        yield await _furnish(house, samples, password)


def _settings(home: Path, runtime_dir: Path, runs: Path, listen: str) -> Settings:
    return load_settings(
        None,
        {
            "server": {"listen": [listen]},
            "state": {"dir": home / "state", "runtime_dir": runtime_dir},
            "logdirs": {"demo": {"path": runs}},
            "log": {"level": "warning"},
        },
    )


async def _furnish(house: Gateway, samples: Sequence[Sample], admin_password: str) -> Credentials:
    names = sorted({sample.board for sample in samples})
    boards = [await _make_board(house, name, samples) for name in names]
    made = await house.members.create_token(_ADMIN, FIRST_ADMIN, label="demo", lifetime=None)
    admin = AdminCredentials(username=FIRST_ADMIN, password=admin_password, token=made.secret)
    return Credentials(url=house.url, admin=admin, boards=tuple(boards))


async def _make_board(house: Gateway, name: str, samples: Sequence[Sample]) -> BoardCredentials:
    password = passwords.generate_password()
    entry = Entry(access=Access.PASSWORD, username=name, password=password)
    shown = [str(sample.path) for sample in samples if sample.board == name]
    await house.boards.create(_ADMIN, name, shown, entry)
    url = f"{house.url}/boards/{name}/"
    return BoardCredentials(name=name, url=url, username=name, password=password)


@asynccontextmanager
async def _still_training(runs: Path) -> AsyncIterator[None]:
    """Go on writing one experiment while people watch."""
    sample = await asyncio.to_thread(LiveSample, runs)
    task = asyncio.ensure_future(_train(sample))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(sample.close)


async def _train(sample: LiveSample) -> None:
    while True:
        await asyncio.to_thread(sample.step)
        await asyncio.sleep(_BETWEEN_STEPS)


@contextmanager
def _written(path: Path | None, credentials: Credentials) -> Iterator[None]:
    """Have the credentials in a private file inside the block; what stood there is lost."""
    if path is None:
        yield
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(descriptor, 0o600)
            file.write(json.dumps(asdict(credentials), indent=2))
        yield
    finally:
        path.unlink(missing_ok=True)
