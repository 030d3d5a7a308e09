"""One site, its authors, and somebody who kills it."""

import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from threading import Thread

from authors import Author, Gate, dice_of
from kernel import adopt_orphans, bury_adopted
from ledger import Ledger, Subject
from mutations import Imagination
from observation import everything
from running_gateway import eventually
from sites import EXPERIMENTS, GatewaySite, JsonSite, Site
from verdict import Verdict

SITES: Mapping[str, Callable[[Path], Site]] = {"gateway": GatewaySite, "json": JsonSite}
LOST, GHOSTS, UNREADABLE = "lost", "ghosts", "unreadable state"
ORPHANS, TREES, REFUSED = "orphans after 1 s", "link trees unlike the database", "refused"
_PATIENCE = 120.0  # seconds that one change may take, restarts of the gateway included
_BOARDS_EACH, _AWAKE_IN = 4, 0.2
_KILLED_WHILE_STARTING = 0.15
_LONG_LIVES = 0.2


@dataclass(frozen=True, kw_only=True)
class LaneOrder:
    """What a lane is to do; `until_lost` lets it end early, at the first loss.

    `slack` is by how much longer than they may things may take, because the machine is busy.
    """

    kind: str
    kills: int
    seed: str
    until_lost: bool = False
    slack: float = 1.0


def run_lane(order: LaneOrder) -> Verdict:
    """Kill a site again and again, in a process of its own."""
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="chaos-") as scratch:
        site = SITES[order.kind](Path(scratch))
        try:
            return Lane(site, order).run()
        finally:
            site.close()


class Lane:
    """A site with its authors, who go on through everything."""

    def __init__(self, site: Site, order: LaneOrder) -> None:
        self._site = site
        self._order = order
        self._dice = dice_of(order.seed)
        self._ledger = Ledger()
        self._gate = Gate()
        self._verdict = Verdict()
        for kind in (LOST, GHOSTS, UNREADABLE, ORPHANS, TREES, REFUSED):
            self._verdict.blame(kind)

    def run(self) -> Verdict:
        """Do as ordered; a site that does not come up any more ends it."""
        authors: list[Author] = []
        try:
            self._site.start()
            self._ledger.believe(everything(self._site.url))
            authors += self._authors()
            while self._kills < self._order.kills and not self._enough():
                self._one_life()
        except (AssertionError, OSError, HTTPException) as error:
            self._verdict.blame(UNREADABLE, [f"it does not come up: {error}"])
        self._verdict.count("acknowledged changes", self._ledger.acknowledged)
        self._verdict.count("changes without an answer", self._ledger.unanswered)
        self._verdict.blame(REFUSED, [one for author in authors for one in author.refusals])
        return self._verdict

    @property
    def _kills(self) -> float:
        return self._verdict.tried.get("kills", 0)

    def _enough(self) -> bool:
        return self._order.until_lost and bool(self._verdict.faults[LOST])

    def _authors(self) -> list[Author]:
        authors = [
            Author(
                _subjects(number),
                Imagination(dice_of(f"{self._order.seed}/{number}"), EXPERIMENTS),
                way,
                self._ledger,
                self._gate,
            )
            for number, way in enumerate(self._site.ways())
        ]
        for author in authors:
            author.start()
        return authors

    def _one_life(self) -> None:
        """Let everybody work for a while; kill; look at what is left; start and compare."""
        self._gate.open()
        if self._dice.random() < _AWAKE_IN:
            Thread(target=self._wake, args=[self._dice.randrange(100)], daemon=True).start()
        time.sleep(self._dice.uniform(0.5, 2.5) if self._chance(_LONG_LIVES) else self._short())
        self._site.kill()
        self._gate.close()
        self._buried()
        while self._chance(_KILLED_WHILE_STARTING):
            self._site.start_for(self._dice.uniform(0.05, 1.6))
            self._buried()
        begin = time.monotonic()
        self._site.start()
        self._verdict.longest("longest start, s", time.monotonic() - begin)
        self._gate.wait_until_quiet(_PATIENCE)
        bury_adopted()
        self._compare()

    def _chance(self, of: float) -> bool:
        return self._dice.random() < of

    def _short(self) -> float:
        return self._dice.uniform(0.0, 0.5)

    def _wake(self, number: int) -> None:
        with suppress(OSError, HTTPException, AssertionError):
            self._site.wake(number)

    def _buried(self) -> None:
        """Count the kill and look at what it left."""
        self._verdict.count("kills")
        with suppress(AssertionError):
            grace = self._site.grace * self._order.slack
            eventually(lambda: not self._site.survivors(), what="all is gone", within=grace)
        self._verdict.blame(ORPHANS, self._site.survivors())
        self._verdict.blame(UNREADABLE, self._site.unreadable())

    def _compare(self) -> None:
        """Compare what there is with what was said, once what follows by itself has followed."""
        begin = time.monotonic()
        with suppress(AssertionError):
            eventually(lambda: not self._wrong(), what="it settles", within=self._site.settles_in)
        self._verdict.longest("longest settling, s", time.monotonic() - begin)
        seen = everything(self._site.url)
        self._verdict.blame(LOST, self._ledger.lost(seen))
        self._verdict.blame(GHOSTS, self._ledger.ghosts(seen))
        self._verdict.blame(TREES, self._site.misplaced())
        self._ledger.believe(seen)

    def _wrong(self) -> list[str]:
        seen = everything(self._site.url)
        return self._ledger.lost(seen) + self._ledger.ghosts(seen) + self._site.misplaced()


def _subjects(author: int) -> list[Subject]:
    """Return what one author changes: nobody else does."""
    own = EXPERIMENTS[2 * author : 2 * author + 2]
    return [
        *(("board", f"author{author}-board{number}") for number in range(_BOARDS_EACH)),
        *(("experiment", name) for name in own),
        ("member", f"author{author}"),
    ]
