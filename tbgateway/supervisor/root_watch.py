"""One logdir root: which directory it is now, and whether event files below it were replaced."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

from tbgateway.discovery import PatientThread, RootIdentity, Rota, identity_of
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId

_PATIENCE = 2.0  # seconds for a root to answer; the start of a board waits for it


class RootWatch:
    """Asks in threads of the root's own: where a mount hangs, nothing but these hangs with it."""

    def __init__(self, path: Path, patience: float = _PATIENCE) -> None:
        self.path = path
        self.identity: RootIdentity | None = None
        """What was last seen at the path; None while there was nothing to be seen."""
        self._rota = Rota()
        self._looks = PatientThread(patience)
        self._questions = PatientThread(patience)

    def __repr__(self) -> str:
        """Tell where it is and how many experiments take their turn."""
        return f"<RootWatch {str(self.path)!r} {self._rota!r}>"

    @property
    def busy(self) -> bool:
        """Whether a look goes on, or hangs."""
        return self._looks.busy

    @property
    def watches(self) -> bool:
        """Whether there are experiments that it looks at."""
        return bool(self._rota)

    async def identify(self) -> RootIdentity | None:
        """Look which directory the root is now; None if there is none, or it hangs."""
        seen = await self._questions.ask(lambda: (identity_of(self.path),))
        if seen is None:
            return None
        (self.identity,) = seen
        return self.identity

    async def remember(self, paths: Mapping[ExperimentId, str]) -> None:
        """Take the marks of those files that are not known yet, unless that takes too long."""
        new = {one: path for one, path in paths.items() if not self._rota.knows(one, path)}
        if new and await self.identify() is not None:
            await self._looks.ask(lambda: self._rota.remember(new))

    async def look(self, paths: Mapping[ExperimentId, str]) -> frozenset[ExperimentId]:
        """Look at these experiments in turn; return whose files TensorBoard must read anew."""
        if self.busy:
            return frozenset()
        return await self._looks.run(lambda: self._look(paths))

    def _look(self, paths: Mapping[ExperimentId, str]) -> frozenset[ExperimentId]:
        self._rota.keep(paths)
        return self._rota.look()


async def identified(roots: Mapping[str, RootWatch]) -> dict[str, RootIdentity]:
    """Tell which directories the roots are: those that are there and answer."""
    answers = await asyncio.gather(*(root.identify() for root in roots.values()))
    return {name: one for name, one in zip(roots, answers, strict=True) if one is not None}


async def remember(roots: Mapping[str, RootWatch], experiments: Iterable[Experiment]) -> None:
    """Take the marks of the experiments' files that are not known yet."""
    looks = (
        roots[name].remember(paths) for name, paths in by_root(experiments).items() if name in roots
    )
    await asyncio.gather(*looks)


def by_root(experiments: Iterable[Experiment]) -> dict[str, dict[ExperimentId, str]]:
    """Return the experiments' paths, by the roots they lie below."""
    paths: dict[str, dict[ExperimentId, str]] = {}
    for one in experiments:
        paths.setdefault(one.root, {})[one.id] = one.path
    return paths
