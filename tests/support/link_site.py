"""A link tree, and the experiments its links may lead to."""

import os
from pathlib import Path

from tbgateway.linktree import Changes, reconcile

EVENTS = "events.out.tfevents.1700000000.host.1.0"
NOTHING = Changes((), (), (), ())


class Site:
    """A tree, its staging directory, and the experiments its links may lead to."""

    def __init__(self, base: Path) -> None:
        self.tree = base / "board" / "logdir"
        self.staging = base / "board" / "staging"
        self.runs = base / "runs"
        for name in ("a", "b", "c"):
            (self.runs / name).mkdir(parents=True)
            (self.runs / name / EVENTS).write_bytes(name.encode() * 10)

    def target(self, name: str) -> str:
        return str(self.runs / name)

    def reconcile(self, wanted: dict[str, str]) -> Changes:
        return reconcile(self.tree, self.staging, wanted)

    def links(self) -> dict[str, str]:
        """Return every link of the tree; fail if it holds anything but them and directories."""
        links = {}
        for directory, directories, files in os.walk(self.tree):
            for name in [*directories, *files]:
                path = Path(directory) / name
                if path.is_symlink():
                    links[str(path.relative_to(self.tree))] = str(path.readlink())
                else:
                    assert path.is_dir()
                    assert any(path.iterdir()), f"{path} is empty"
        return links

    def check_events(self) -> None:
        for name in ("a", "b", "c"):
            assert (self.runs / name / EVENTS).read_bytes() == name.encode() * 10


def entries(directory: str | Path) -> list[str]:
    return sorted(path.name for path in Path(directory).iterdir())
