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
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.gateway import Gateway
from tbgateway.members import FIRST_ADMIN
from tbgateway.samples import LiveSample, Sample, write_samples
from tbgateway.settings import Settings, load_settings
from tbgateway.telemetry import configure_logging

_BETWEEN_STEPS = 1.0  # seconds
_SHORT = Path("/tmp")  # noqa: S108 - TMPDIR may be too long for the path of a socket; mkdtemp is safe
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

    def announcement(self) -> str:
        """Return what is printed once the demo serves."""
        lines = [
            f"tbgateway serves at {self.url}/",
            f"  admin   {self.admin.username}   {self.admin.password}",
            *(f"  {one.url}   {one.username}   {one.password}" for one in self.boards),
            "Every line is an address with its user name and password. Ctrl-C ends the demo.",
        ]
        return "\n".join(lines)


def run(listen: str, *, open_browser: bool = False, credentials_file: Path | None = None) -> int:
    """Serve the demo until SIGINT or SIGTERM; leave nothing behind."""
    with _throw_away() as home, _throw_away(_SHORT) as runtime_dir:
        try:
            asyncio.run(_serve(home, runtime_dir, listen, credentials_file, open_browser))
        finally:
            if credentials_file is not None:
                credentials_file.unlink(missing_ok=True)
    return 0


@contextmanager
def _throw_away(parent: Path | None = None) -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="tbgateway-demo-", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _serve(
    home: Path,
    runtime_dir: Path,
    listen: str,
    credentials_file: Path | None,
    open_browser: bool,  # noqa: FBT001 - passed on from `run`, where it is named
) -> None:
    runs = home / "runs"
    samples = await asyncio.to_thread(write_samples, runs)
    settings = _settings(home, runtime_dir, runs, listen)
    configure_logging(settings.log)
    admin_password = passwords.generate_password()
    async with (
        gateway.stop_signals() as stopping,
        gateway.running(settings, admin_password=admin_password) as house,
        _still_training(runs),
    ):
        credentials = await _furnish(house, samples, admin_password)
        if credentials_file is not None:
            _write_private(credentials_file, json.dumps(asdict(credentials), indent=2))
        print(credentials.announcement(), flush=True)  # noqa: T201 - this is what the demo says
        if open_browser:
            await asyncio.to_thread(webbrowser.open, credentials.url)
        await stopping.wait()


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


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
