"""A queue in which many entries of one subject do not keep another subject waiting."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """First in, first out for each subject; the subjects take turns.

    It holds `size` entries, of which one subject may have half.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._most_of_one = max(1, size // 2)
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def has_room(self, subject: str) -> bool:
        """Whether one more entry of the subject fits."""
        line = self._lines.get(subject, ())
        return len(self) < self._size and len(line) < self._most_of_one

    def add(self, subject: str, entry: T) -> None:
        """Put the entry at the end of its subject's line."""
        self._lines.setdefault(subject, deque()).append(entry)

    def take(self) -> T | None:
        """Take the entry whose turn it is; None if there is none."""
        if not self._lines:
            return None
        subject, line = self._lines.popitem(last=False)
        entry = line.popleft()
        if line:
            self._lines[subject] = line
        return entry

    def remove(self, subject: str, entry: T) -> bool:
        """Take the entry out of the queue; False if it is no longer in it."""
        line = self._lines.get(subject)
        if line is None or entry not in line:
            return False
        line.remove(entry)
        if not line:
            del self._lines[subject]
        return True
