"""What one script has to tell a gateway, and what of it was told."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from tbgateway.domain.description import Told
from tbgateway.training.endings import Ending
from tbgateway.training.place import Place


@dataclass(slots=True, kw_only=True)
class Story:
    """Written by the script's thread (what is to be told) and the reporter's (what was).

    A signal's handler may add something while its script does: the lock lets it.
    `shared` is None until the gateway said whether it sees the place, `why` says why it does not.
    The end of a guest's place is not told: that is up to the script that holds it.
    """

    place: Place
    told: Told
    lease: float
    create_boards: bool = True
    boards_left: list[str] = field(default_factory=list)
    additions: list[Told] = field(default_factory=list)
    ending: Ending | None = None
    ended_at: float = 0.0
    name: str = ""
    id: str | None = None
    url: str | None = None
    shared: bool | None = None
    why: str = ""
    end_was_told: bool = False
    _settled: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def is_told(self) -> bool:
        """Whether there is nothing more to say, now and later."""
        if self.shared is False:
            return True
        return self.end_was_told and not self.boards_left and not self.additions

    def add(self, told: Told) -> None:
        """Tell this, too."""
        with self._lock:
            self.told = together((self.told, told))
            self.additions.append(told)

    def take_all(self) -> tuple[Told, int]:
        """Return all that is told of it, and how many additions are in there."""
        with self._lock:
            return self.told, len(self.additions)

    def take_additions(self) -> tuple[Told, int]:
        """Return what was added and not told yet, and how many additions these are."""
        with self._lock:
            return together(self.additions), len(self.additions)

    def were_told(self, additions: int) -> None:
        """Forget the first so many additions."""
        with self._lock:
            del self.additions[:additions]

    def refuse(self, why: str) -> bool:
        """Note that the gateway does not see the place; return whether that comes too late."""
        with self._lock:
            self.shared, self.why = False, self.place.why or why.removesuffix(".")
            return self._settled

    def settle(self) -> bool:
        """Begin to write to the place; return whether it was refused before."""
        with self._lock:
            self._settled = True
            return self.shared is False


def together(several: Sequence[Told]) -> Told:
    """Return what is told by all of these, one after the other."""
    params = {key: value for told in several for key, value in told.params.items()}
    tags = tuple(dict.fromkeys(tag for told in several for tag in told.tags))
    notes = [told.notes for told in several if told.notes is not None]
    return Told(params=params, tags=tags, notes=notes[-1] if notes else None)
