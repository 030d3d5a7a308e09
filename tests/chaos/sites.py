"""What is killed: a gateway, or the store of the other kind that must not survive it."""

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

import json_store
import psutil
from authors import Ask, by_api
from event_writer import write_scalars
from kernel import living_descendants
from mutations import Mutation
from observation import items, linked
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually, fetch

EXPERIMENTS = tuple(f"experiment-{number}" for number in range(6))
_OTHERS = 200  # experiments
# What somebody said runs would be completed after a quarter of an hour without events: rightly.
_NEVER_OVER = {"TBGATEWAY_EXPERIMENTS__COMPLETE_AFTER_IDLE": "86400"}
_UNREACHABLE, _TIMED_OUT = 6, 7  # exit codes of the command line


class Site(Protocol):
    """Something with the API's verbs that is killed and started again.

    Its processes may outlive it for `grace` seconds; what follows from its records by itself is
    true `settles_in` seconds after it is ready.
    """

    url: str
    grace: float
    settles_in: float

    def start(self) -> None:
        """Start it and wait until it is ready; raise AssertionError if it does not come up."""

    def start_for(self, seconds: float) -> None:
        """Start it and kill it so soon that it may not be ready."""

    def kill(self) -> None:
        """SIGKILL it."""

    def ways(self) -> list[Ask]:
        """Return the ways to ask for changes, one for each author."""

    def survivors(self) -> list[str]:
        """Tell which of its processes outlived it."""

    def unreadable(self) -> list[str]:
        """Tell what is wrong with the state of a killed one."""

    def misplaced(self) -> list[str]:
        """Tell where its files are not what its records say."""

    def wake(self, number: int) -> None:
        """Have it work for one of its boards; a failure does not matter."""

    def close(self) -> None:
        """End it for good."""


class GatewaySite:
    """A gateway with a few small experiments."""

    grace = 1.0
    settles_in = 15.0  # generous, because the machine may be busy

    def __init__(self, home: Path) -> None:
        for name in EXPERIMENTS:
            write_scalars(home / "runs" / name / "train", {"loss": [1.0, 0.5]})
        self._gateway = RunningGateway(home / "g", [home / "runs"], environment=_NEVER_OVER)
        self.url = self._gateway.url
        self._state = home / "g" / "state"

    def start(self) -> None:
        self._gateway.start()
        eventually(self._knows_the_experiments, what="the experiments are found")

    def start_for(self, seconds: float) -> None:
        threading.Thread(target=self._start_and_fail, daemon=True).start()
        eventually(lambda: self._gateway.process is not None, what="it begins", every=0.005)
        time.sleep(seconds)
        self._gateway.kill()

    def kill(self) -> None:
        self._gateway.kill()

    def ways(self) -> list[Ask]:
        return [by_api(self.url), by_api(self.url), self._by_command_line]

    def survivors(self) -> list[str]:
        return [told for one in living_descendants() if (told := _told(one)) is not None]

    def unreadable(self) -> list[str]:
        copy = self._state.parent / "copy"
        shutil.copytree(self._state, copy, ignore=shutil.ignore_patterns("boards", "assets"))
        try:
            return _flaws(copy / "gateway.db")
        finally:
            shutil.rmtree(copy)

    def misplaced(self) -> list[str]:
        boards = list(items(self.url, "/boards"))
        known = {board["id"] for board in boards}
        places = (self._state / "boards").glob("tb*")
        return [
            f"{board['name']}: links {links}, members {linked(board)}"
            for board in boards
            if (links := self._links(board["id"])) != linked(board)
        ] + [f"{place} is left of a deleted board" for place in places if place.name not in known]

    def wake(self, number: int) -> None:
        boards = list(items(self.url, "/boards"))
        if boards:
            name = boards[number % len(boards)]["name"]
            self._gateway.get(f"/boards/{name}/data/runs", ("admin", ADMIN_PASSWORD))

    def close(self) -> None:
        self._gateway.__exit__()

    def _start_and_fail(self) -> None:
        with suppress(AssertionError):
            self._gateway.start()

    def _knows_the_experiments(self) -> bool:
        return len(list(items(self.url, "/experiments"))) == len(EXPERIMENTS)

    def _links(self, board_id: str) -> list[str]:
        tree = self._state / "boards" / board_id / "logdir"
        return sorted(map(self._leads, tree.iterdir())) if tree.is_dir() else []

    def _leads(self, link: Path) -> str:
        """Return the link's name if it leads to the experiment of that name, else what it is."""
        target = link.readlink() if link.is_symlink() else None
        right = target == self._state.parent.parent / "runs" / link.name
        return link.name if right else f"{link.name} -> {target}"

    def _by_command_line(self, mutation: Mutation) -> str | None:
        done = self._gateway.cli(*mutation.words, stdin=mutation.stdin, status=None)
        if done.returncode in {_UNREACHABLE, _TIMED_OUT}:
            return None
        return "" if done.returncode == 0 else f"exit {done.returncode}: {done.stderr}"


def _told(process: psutil.Process) -> str | None:
    """Return what a process is; None for the authors' commands, and for those just beginning."""
    try:
        command = process.cmdline()
    except psutil.NoSuchProcess:
        return None
    asks = command[1:3] == ["-m", "tbgateway"] and command[3:4] != ["serve"]
    return None if asks or command == psutil.Process().cmdline() else f"{process} {command}"


def _flaws(database: Path) -> list[str]:
    if not database.exists():
        return []  # killed before it made one
    try:
        with closing(sqlite3.connect(database)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return [f"{database.name}: {error}"]
    return [one for one in said if one != "ok"] + [f"dangling: {one}" for one in dangling]


class JsonSite:
    """`json_store.py` in a process of its own, with so much in it that rewriting takes a while."""

    grace = 0.0
    settles_in = 0.0

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._home = home
        self._listener = json_store.listener()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._begin()
        eventually(self._ready, what="the store answers")

    def start_for(self, seconds: float) -> None:
        self._begin()
        time.sleep(seconds)
        self.kill()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ways(self) -> list[Ask]:
        return [by_api(self.url), by_api(self.url), by_api(self.url)]

    def survivors(self) -> list[str]:
        return []

    def unreadable(self) -> list[str]:
        return json_store.flaws(self._home / "state.json")

    def misplaced(self) -> list[str]:
        return []

    def wake(self, number: int) -> None:
        """Do nothing: there is no process per board."""

    def close(self) -> None:
        self.kill()
        self._listener.close()

    def _begin(self) -> None:
        descriptor = self._listener.fileno()
        self._process = subprocess.Popen(
            [
                sys.executable,
                json_store.__file__,
                f"{self._home / 'state.json'}",
                f"{descriptor}",
                *EXPERIMENTS,
                *(f"other-{number}" for number in range(_OTHERS)),
            ],
            pass_fds=[descriptor],
        )

    def _ready(self) -> bool:
        try:
            return fetch(f"{self.url}/api/v1/boards", timeout=2).status == 200
        except OSError:
            return False
