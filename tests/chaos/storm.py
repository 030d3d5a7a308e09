"""Boards that are killed and stopped, and their forkserver, while everybody looks at them."""

import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import psutil
from authors import dice_of
from event_writer import write_scalars
from observation import ADMIN
from running_gateway import RunningGateway, eventually
from verdict import Verdict

HANGS, LOST_BOARDS = "requests that hung", "boards that did not recover"
NEIGHBOURS = "failed requests of boards left alone"
_HANGS_AFTER = 10.0  # seconds, times the slack
_CUT_AFTER = 60.0  # seconds until a request that hangs is given up
_RECOVERS_IN = 60.0  # seconds, on a busy machine
_BLOWS_EACH = 4  # a board that dies five times within a minute is given up, as it should be
_VISITORS, _AT_ONCE = 3, 3
_CALM = 2.0  # seconds after a recovery in which what was under way may still fail
_RUNS = ["first/train", "second/train"]


@dataclass(frozen=True, kw_only=True)
class StormOrder:
    """How many boards get SIGKILL and SIGSTOP, and how often the forkserver is killed.

    `slack` is by how much longer than they may requests may take, because the machine is busy.
    """

    kills: int
    stops: int
    forkservers: int
    seed: str
    slack: float = 1.0

    @property
    def boards(self) -> int:
        """How many boards it takes."""
        return max(2, -(-(self.kills + self.stops) // _BLOWS_EACH))


def run_storm(order: StormOrder) -> Verdict:
    """Do all of it to one gateway."""
    with tempfile.TemporaryDirectory(prefix="storm-") as scratch:
        root = Path(scratch) / "runs"
        for name in ("first", "second"):
            write_scalars(root / name / "train", {"loss": [1.0, 0.5]})
        with RunningGateway(Path(scratch) / "g", [root]) as gateway:
            return Storm(gateway, order).run()


class Storm:
    """One gateway with boards, visitors of all of them, and what befalls them."""

    def __init__(self, gateway: RunningGateway, order: StormOrder) -> None:
        self._gateway = gateway
        self._order = order
        self._dice = dice_of(order.seed)
        self._verdict = Verdict()
        self._lock = threading.Lock()
        self._struck: set[str] = set()
        self._over = threading.Event()
        self._ids: dict[str, str] = {}
        for kind in (HANGS, LOST_BOARDS, NEIGHBOURS):
            self._verdict.blame(kind)

    def run(self) -> Verdict:
        """Make the boards, let visitors come, strike, and wait for all to be well."""
        for number in range(self._order.boards):
            self._make(f"board-{number}")
        with ThreadPoolExecutor(_VISITORS + _AT_ONCE) as people:
            visitors = [people.submit(self._visit, number) for number in range(_VISITORS)]
            blows = [people.submit(self._strike, *blow) for blow in self._blows()]
            try:
                for _ in range(self._order.forkservers):
                    self._kill_forkserver()
                for blow in blows:
                    blow.result()
            finally:
                self._over.set()
        for visitor in visitors:
            visitor.result()
        for name in self._ids:
            self._recover(name)
        return self._verdict

    # --- boards and their visitors

    def _make(self, name: str) -> None:
        wanted = {"name": name, "experiments": ["first", "second"], "access": "members"}
        made = eventually(lambda: self._made(wanted), what="the experiments are found")
        self._ids[name] = made["id"]
        eventually(lambda: self._is_well(name), what=f"{name} is awake")

    def _made(self, wanted: dict[str, object]) -> dict[str, str] | None:
        answer = self._gateway.admin("/api/v1/boards", wanted, method="POST")
        made: dict[str, str] | None = answer.json() if answer.status == 201 else None
        return made

    def _visit(self, number: int) -> None:
        """Look at one board after the other until it is over."""
        dice = dice_of(f"{self._order.seed}/visitor {number}")
        while not self._over.wait(0.02):
            name = dice.choice(list(self._ids))
            with self._lock:
                alone = name not in self._struck
            said = self._ask(name)
            with self._lock:
                if alone and said and name not in self._struck:
                    self._verdict.blame(NEIGHBOURS, [f"{name}: {said}"])

    def _ask(self, name: str) -> str:
        """Return "" if the board shows its runs, else what is wrong; note how long it took."""
        begin = time.monotonic()
        try:
            path = f"/boards/{name}/data/runs"
            answer = self._gateway.get(path, ADMIN, timeout=_CUT_AFTER)
            good = answer.status == 200 and sorted(answer.json()) == _RUNS
            said = "" if good else f"{answer!r}"
        except (OSError, HTTPException) as error:
            said = repr(error)
        self._note(name, time.monotonic() - begin, said)
        return said

    def _note(self, name: str, seconds: float, said: str) -> None:
        with self._lock:
            self._verdict.count("requests of boards")
            self._verdict.longest("longest request, s", seconds)
            if seconds > _HANGS_AFTER * self._order.slack:
                self._verdict.blame(HANGS, [f"{name}: {seconds:.1f} s, then {said or 'well'}"])

    def _is_well(self, name: str) -> bool:
        return not self._ask(name)

    # --- what befalls them

    def _blows(self) -> Iterator[tuple[str, signal.Signals]]:
        signals = [signal.SIGKILL] * self._order.kills + [signal.SIGSTOP] * self._order.stops
        self._dice.shuffle(signals)
        targets = [name for name in self._ids for _ in range(_BLOWS_EACH)]
        self._dice.shuffle(targets)
        return zip(targets, signals, strict=False)

    def _strike(self, name: str, how: signal.Signals) -> None:
        """Send the signal to a board's process; see it recover; wake what was stopped."""
        with self._being_struck(name):
            process: psutil.Process = eventually(lambda: self._process(name), what=f"{name} runs")
            process.send_signal(how)
            with self._lock:
                self._verdict.count(f"boards that got {how.name}")
            self._recover(name)
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
            self._recover(name)

    @contextmanager
    def _being_struck(self, name: str) -> Iterator[None]:
        """Expect failures of this board; only one blow at a time."""
        eventually(lambda: self._claim(name), what=f"{name} is free", within=10 * _RECOVERS_IN)
        try:
            yield
            time.sleep(_CALM)
        finally:
            with self._lock:
                self._struck.discard(name)

    def _claim(self, name: str) -> bool:
        with self._lock:
            if name in self._struck:
                return False
            self._struck.add(name)
            return True

    def _process(self, name: str) -> psutil.Process | None:
        """Return the board's process, if there is just one: it is called as its generation."""
        self._is_well(name)
        named = [
            one for one in psutil.process_iter() if _name(one).startswith(f"{self._ids[name]}.")
        ]
        return named[0] if len(named) == 1 else None

    def _forkservers(self) -> list[psutil.Process]:
        """Return the gateway's children that are forkservers; boards may be adopted ones."""
        assert self._gateway.process is not None
        children = psutil.Process(self._gateway.process.pid).children()
        return [one for one in children if _is_forkserver(one)]

    def _recover(self, name: str) -> None:
        """Ask until the board is well; blame it if that takes too long."""
        begin = time.monotonic()
        try:
            eventually(lambda: self._is_well(name), what="well", within=_RECOVERS_IN)
        except AssertionError:
            state = self._gateway.admin(f"/api/v1/boards/{name}").json()
            with self._lock:
                said = f"{name}: {state['state']}, {state['reason']}"
                self._verdict.blame(LOST_BOARDS, [said])
        with self._lock:
            self._verdict.longest("longest recovery, s", time.monotonic() - begin)

    def _kill_forkserver(self) -> None:
        """Kill it while boards are struck: the next that starts needs a new one."""
        (forkserver,) = eventually(self._forkservers, what="there is a forkserver")
        forkserver.kill()
        with self._lock:
            self._verdict.count("forkservers that got SIGKILL")
        eventually(lambda: not forkserver.is_running(), what="it is gone")
        for name in self._dice.sample(sorted(self._ids), 2):
            self._recover(name)
        time.sleep(self._dice.uniform(0.5, 3.0))


def _name(process: psutil.Process) -> str:
    try:
        return process.name() if process.status() != psutil.STATUS_ZOMBIE else ""
    except psutil.NoSuchProcess:
        return ""


def _is_forkserver(process: psutil.Process) -> bool:
    try:
        is_worker = "tbgateway.worker" in process.cmdline()
    except psutil.NoSuchProcess:
        return False
    return is_worker and not _name(process).startswith("tb")
