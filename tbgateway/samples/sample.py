"""What is said about a sample experiment."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """An experiment in the directory `path`, meant for the board called `board`."""

    name: str
    path: Path
    board: str
