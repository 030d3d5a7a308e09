"""What came out: what was tried, what must be nothing, and whether it was."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_EXAMPLES = 3


@dataclass
class Verdict:
    """`tried` counts what was done; `faults` has, by kind, a sentence for each fault."""

    tried: dict[str, float] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)

    def count(self, what: str, number: float = 1) -> None:
        """Add to what was tried."""
        self.tried[what] = self.tried.get(what, 0) + number

    def longest(self, what: str, seconds: float) -> None:
        """Note how long something took, if nothing took longer."""
        self.tried[what] = max(self.tried.get(what, 0.0), seconds)

    def blame(self, kind: str, sentences: Sequence[str] = ()) -> None:
        """Add faults; without any, the kind is one that was looked for."""
        self.faults.setdefault(kind, []).extend(sentences)

    def take_in(self, other: "Verdict") -> None:
        """Add what came out elsewhere."""
        for what, number in other.tried.items():
            if what.startswith("longest"):
                self.longest(what, number)
            else:
                self.count(what, number)
        for kind, sentences in other.faults.items():
            self.blame(kind, sentences)

    @property
    def good(self) -> bool:
        """Whether nothing was at fault."""
        return not any(self.faults.values())

    def show(self, title: str) -> None:
        """Print it as a table, with a few examples of each fault."""
        rows: Mapping[str, str] = {
            **{what: f"{number:,.5g}" for what, number in self.tried.items()},
            **{kind: _told(sentences) for kind, sentences in self.faults.items()},
        }
        width = max(map(len, rows), default=0)
        lines = [f"\n{title}", *(f"  {what:<{width}}  {text}" for what, text in rows.items())]
        for kind, sentences in self.faults.items():
            lines += [f"  {kind}: {one}" for one in sentences[:_EXAMPLES]]
        say("\n".join(lines))


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _told(sentences: Sequence[str]) -> str:
    return f"{len(sentences):<6} {'FAILED' if sentences else 'as it must be'}"
