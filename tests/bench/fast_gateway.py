"""A gateway whose boards are all one fast server elsewhere: what is measured is the gateway alone.

    python tests/bench/fast_gateway.py HOME UPSTREAM DESCRIPTOR

serves the board `bench` (user name and password below) on an inherited listening socket;
UPSTREAM is a unix socket on which somebody answers every request.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from tbgateway import gateway
from tbgateway.domain.names import LaunchId
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.launchers.launcher import Changed, Observation, Running
from tbgateway.settings import load_settings
from tbgateway.telemetry import configure_logging

BOARD = "bench"
ADMIN = ("admin", "correct-horse-battery")


class ElsewhereLauncher(FakeLauncher):
    """Says of every board that it serves at `upstream`."""

    def __init__(self, runtime_dir: Path, changed: Changed, upstream: Path) -> None:
        super().__init__(runtime_dir, changed)
        self._upstream = upstream

    async def observe(self) -> Mapping[LaunchId, Observation]:
        """Tell how every launch stands."""
        return {
            launch: Running(self._upstream) if isinstance(one, Running) else one
            for launch, one in (await super().observe()).items()
        }


async def serve(home: Path, upstream: Path, descriptor: int) -> None:
    """Serve until killed."""
    settings = load_settings(
        None,
        {
            "server.listen": [f"fd:{descriptor}"],
            "state.dir": home / "state",
            "state.runtime_dir": home / "run",
            "auth.bcrypt_rounds": 4,
        },
    )
    configure_logging(settings.log)  # a line per request, as in earnest
    async with gateway.running(
        settings,
        lambda: ADMIN[1],
        make_launcher=lambda place, changed: ElsewhereLauncher(place, changed, upstream),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
