"""Which directory was shared with a gateway the last time: for when it does not answer."""

import json
from dataclasses import dataclass
from pathlib import Path

from tbgateway.training.own_files import write_json
from tbgateway.training.place import Root

NAME = "shared-roots.json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A file of roots, by the gateway that they belong to. Never raises: it is only a memory."""

    path: Path

    def root(self, gateway: str) -> Root | None:
        """Return the root that was shared with this gateway."""
        found = self._all().get(gateway)
        try:
            return Root(Path(found["path"]), int(found["depth"]))  # type: ignore[index] # whatever it is
        except (TypeError, KeyError, ValueError):
            return None

    def keep(self, gateway: str, root: Root) -> None:
        """Remember that this root is shared with this gateway."""
        if self.root(gateway) == root:
            return
        kept = {**self._all(), gateway: {"path": str(root.path), "depth": root.depth}}
        try:
            write_json(self.path, kept)
        except OSError:
            return

    def _all(self) -> dict[str, object]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}
