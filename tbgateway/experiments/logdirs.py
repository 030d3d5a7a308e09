"""The logdir roots, as scripts are told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tbgateway.discovery import Root


@dataclass(frozen=True, slots=True)
class Logdir:
    """A logdir root; `new` is the one in which scripts make new experiments."""

    name: str
    path: Path
    depth: int
    new: bool


def logdirs_of(roots: Mapping[str, Root], new_in: str | None) -> tuple[Logdir, ...]:
    """Return the roots in their order; new experiments go into `new_in`, else into the first."""
    chosen = next(iter(roots), None) if new_in is None else new_in
    return tuple(
        Logdir(name, root.path, root.depth, new=name == chosen) for name, root in roots.items()
    )
