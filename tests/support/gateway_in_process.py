"""The whole gateway inside the test's own process; its boards are fakes."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp

from tbgateway import gateway
from tbgateway.dataplane.means import Step
from tbgateway.dataplane.pipeline import STEPS
from tbgateway.gateway import Gateway, MakeLauncher
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.launchers.launcher import Changed
from tbgateway.settings import Settings, load_settings
from tbgateway.store import Store
from tbgateway.wall_time import WallTime

ADMIN_PASSWORD = "correct-horse-battery"
PATIENCE = 60.0  # seconds; generous, because the machine may be busy


class Launchers:
    """Makes fake launchers and keeps the newest."""

    newest: FakeLauncher

    def __call__(self, runtime_dir: Path, changed: Changed) -> FakeLauncher:
        self.newest = FakeLauncher(runtime_dir, changed)
        return self.newest


def settings_below(
    home: Path, logdirs: Mapping[str, Path], overrides: Mapping[str, object] | None = None
) -> Settings:
    """Return settings with everything below `home` (a short path, for the sockets)."""
    return load_settings(
        None,
        {
            "server.listen": ["127.0.0.1:0"],
            "state.dir": home / "state",
            "state.runtime_dir": home / "run",
            "logdirs": {name: {"path": path} for name, path in logdirs.items()},
            "auth.bcrypt_rounds": 4,
            "auth.throttle": "100000/minute",
            **(overrides or {}),
        },
    )


@asynccontextmanager
async def gateway_in_process(
    home: Path,
    logdirs: Mapping[str, Path],
    *,
    steps: Iterable[Step] = STEPS,
    password: str | None = ADMIN_PASSWORD,
    make_launcher: MakeLauncher = FakeLauncher,
    overrides: Mapping[str, object] | None = None,
    time: WallTime | None = None,
) -> AsyncIterator[Gateway]:
    """Run a gateway below `home` at a free port."""
    settings = settings_below(home, logdirs, overrides)
    async with gateway.running(
        settings, lambda: password, make_launcher=make_launcher, steps=steps, time=time
    ) as house:
        yield house


def started(home: Path, **options: object) -> AbstractAsyncContextManager[Gateway]:
    """Return a gateway with the logdir `runs`, to be started as a context manager."""
    return gateway_in_process(home, {"runs": home / "runs"}, **options)  # type: ignore[arg-type] # by name


async def get(url: str, auth: tuple[str, str] | None = None) -> tuple[int, bytes]:
    """Return status and body."""
    headers = {} if auth is None else {"Authorization": aiohttp.encode_basic_auth(*auth)}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.read()


async def check_nothing_is_left(home: Path) -> None:
    """Prove that the state can be used again at once, and that nothing goes on."""
    Store.open(home / "state" / "gateway.db")._state_lock.release()
    assert not list((home / "run").iterdir())
    async with asyncio.timeout(PATIENCE):
        while len(asyncio.all_tasks()) > 1:  # what was cut off needs a moment to end
            await asyncio.sleep(0.01)
