"""The whole gateway inside the test's own process; its boards are fakes."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from tbgateway import gateway
from tbgateway.dataplane.means import Step
from tbgateway.dataplane.pipeline import STEPS
from tbgateway.gateway import Gateway
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.settings import load_settings

ADMIN_PASSWORD = "correct-horse-battery"


@asynccontextmanager
async def gateway_in_process(
    home: Path, logdirs: dict[str, Path], *, steps: Iterable[Step] = STEPS
) -> AsyncIterator[Gateway]:
    """Run a gateway below `home` (a short path, for the sockets) at a free port."""
    settings = load_settings(
        None,
        {
            "server.listen": ["127.0.0.1:0"],
            "state.dir": home / "state",
            "state.runtime_dir": home / "run",
            "logdirs": {name: {"path": path} for name, path in logdirs.items()},
            "auth.bcrypt_rounds": 4,
            "auth.throttle": "100000/minute",
        },
    )
    async with gateway.running(
        settings, ADMIN_PASSWORD, make_launcher=FakeLauncher, steps=steps
    ) as house:
        yield house
