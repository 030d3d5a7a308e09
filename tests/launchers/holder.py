"""A process that holds a launcher with one board, and is killed by the test that runs it.

Arguments: the launcher's kind, its directory. Prints the board's handle once the board runs, and
"interrupted" for each SIGINT.
"""

import asyncio
import signal
import sys
from pathlib import Path

from tbgateway.domain.names import BoardId, launch_id
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.launchers.forkserver import ForkserverLauncher
from tbgateway.launchers.launcher import LaunchSpec, Running


async def hold(kind: str, directory: Path) -> None:
    news = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, say, "interrupted")
    make = ForkserverLauncher if kind == "forkserver" else ExecLauncher
    launcher = make(directory / "run", lambda _launch_id: news.set())
    await launcher.open()
    board = BoardId("tb0123456789")
    handle = await launcher.start(
        LaunchSpec(
            launch_id=launch_id(board, 1),
            board_id=board,
            generation=1,
            title="held",
            logdir=directory / "logdir",
            scratch=directory / "tmp",
            log=directory / "board.log",
        )
    )
    while not isinstance((await launcher.observe())[handle.launch_id], Running):
        await news.wait()
        news.clear()
    say(handle.to_json())
    await asyncio.Event().wait()


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], Path(sys.argv[2])))
