"""Whether somebody looks at a board, and until when nobody counts as gone."""

from dataclasses import dataclass

from tbgateway.upstream import Upstream


@dataclass(slots=True)
class Visits:
    """`wanted` while somebody asked for the board since it last slept; monotonic seconds.

    `yielded` if it was sent to sleep for the sake of another board.
    """

    last_request: float
    wanted: bool = False
    yielded: bool = False

    def come(self, now: float) -> None:
        """Somebody asks for the board."""
        self.wanted, self.yielded = True, False
        self.last_request = now

    def give_way(self) -> None:
        """Another board needs the room."""
        self.wanted, self.yielded = False, True

    def idle_at(self, upstream: Upstream | None, timeout: float, now: float) -> float | None:
        """Return when the board has been idle for `timeout`; None if it cannot, or 0 is never."""
        if upstream is None or timeout <= 0:
            return None
        return (now if upstream.in_flight else self.last_request) + timeout
