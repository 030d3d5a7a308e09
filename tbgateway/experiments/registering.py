"""Making directories experiments: looked at before a transaction, stored within it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from tbgateway import discovery
from tbgateway.discovery import Found, RealRoots, Root, RootThreads
from tbgateway.domain import experiment_state
from tbgateway.domain.errors import ConflictError, InvalidInputError, NameTakenError
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import check_experiment_name, check_given_name, new_experiment_id
from tbgateway.eventfiles import is_within
from tbgateway.store import Store, Transaction


class Registering:
    """Registers directories below `roots`, down to `search_depth` levels, looked at in `threads`.

    `judged` tells how an experiment stands after a measurement; `clock` tells Unix seconds.
    """

    def __init__(
        self,
        store: Store,
        roots: Mapping[str, Root],
        threads: Mapping[str, RootThreads],
        search_depth: int,
        judged: Callable[[Experiment, Measurement], Experiment],
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._roots = RealRoots(roots)
        self._threads = threads
        self._elsewhere = RootThreads("file system of that path", Path("/"))
        self._search_depth = search_depth
        self._judged = judged
        self._clock = clock

    async def locate(self, path: str, *, nonce: str | None = None, begins: bool = False) -> Found:
        """Look at a path; raise InvalidInputError if it is no directory inside of the roots.

        With a `nonce`, raise NotSharedError if its script does not see the same directory; where
        the root hangs, raise UnavailableError. What describes an experiment that `begins` is read,
        too.
        """
        roots = await self._roots.now()
        look = partial(self._located, path, roots, nonce, begins=begins)
        name = _root_around(path, roots)
        return await (self._elsewhere if name is None else self._threads[name]).run(look)

    def put(
        self,
        tx: Transaction,
        located: Found,
        *,
        name: str | None = None,
        held: bool = False,
        lease: float | None = None,
    ) -> Experiment:
        """Return the experiment at the place, which `tx` makes or changes if need be."""
        before = self._store.experiment_at(located.path)
        if before is None and not held and lease is None:
            self._check_not_empty(located)
        experiment = self._named(before, located, name)
        if lease is not None:
            experiment = experiment_state.begun(experiment, lease)
        elif held:
            experiment = experiment_state.held(experiment)
        experiment = self._judged(experiment, located.measurement)
        self._check_name_is_free(experiment)
        if experiment != before:
            tx.put(experiment)
        return experiment

    def _located(
        self, path: str, roots: Mapping[str, Root], nonce: str | None, *, begins: bool
    ) -> Found:
        """Look at a path in a thread; its name is its place below its root."""
        name, real = discovery.root_holding(path, roots)
        if nonce is not None:
            discovery.check_nonce(real, nonce)
        discovery.check_directory(path, real)
        reading = discovery.read_description_file(real) if begins else None
        root = roots[name].real or os.path.realpath(roots[name].path)
        measurement = discovery.measure(real, root, self._search_depth)
        relative = os.path.relpath(real, root)
        return Found(name, relative, real, measurement, reading)

    def _named(self, before: Experiment | None, located: Found, name: str | None) -> Experiment:
        if before is None:
            return Experiment(
                id=new_experiment_id(),
                root=located.root,
                name=_checked(located, name),
                path=located.path,
                registered=True,
                created_at=self._clock(),
            )
        if name is None:
            return before
        self._check_may_be_renamed(before, name)
        given = name if name == before.name else check_given_name(name)
        return replace(before, name=given, registered=True)

    def _check_may_be_renamed(self, experiment: Experiment, name: str) -> None:
        """Refuse to rename what people look at: the board may be theirs alone.

        How many boards that are is not told either: not everybody may see them.
        """
        if name != experiment.name and self._store.boards_showing(experiment.id):
            raise ConflictError(
                f"The experiment {experiment.name!r} is on a board: while it is, it keeps its"
                " name.",
                hint="Remove it there first.",
                command="tbgateway board remove BOARD EXPERIMENT",
            )

    def _check_not_empty(self, located: Found) -> None:
        seen = located.measurement
        if seen.last_event_at is not None:
            return
        nothing = f"{located.path!r} holds no event files down to {self._search_depth} levels"
        if seen.problem is not None:
            raise InvalidInputError(
                f"{nothing} that can be shown: {seen.problem}.",
                hint="Event files are regular files in the logdir root, readable to the gateway's"
                " user.",
                field="path",
            )
        raise InvalidInputError(
            f"{nothing}.",
            hint="Check the path, or register it before its first event, as running.",
            command="tbgateway experiment register PATH --running",
            field="path",
        )

    def _check_name_is_free(self, experiment: Experiment) -> None:
        for other in self._store.experiments_named(experiment.name):
            if other.id != experiment.id and other.root == experiment.root:
                raise NameTakenError(
                    f"The name {experiment.name!r} belongs to {other.path!r}.",
                    hint="Choose another name.",
                    command="tbgateway experiment register PATH --name NAME",
                )


def _root_around(path: str, roots: Mapping[str, Root]) -> str | None:
    """Return the root that holds the path as it is written; links may lead it elsewhere."""
    plain = os.path.normpath(path)
    places = ((name, place) for name, one in roots.items() for place in (str(one.path), one.real))
    around = {name: place for name, place in places if place and is_within(plain, place)}
    return max(around, key=lambda name: len(around[name]), default=None)


def _checked(located: Found, name: str | None) -> str:
    """Return the name that was given, or else the place's own, which may look like anything."""
    return check_experiment_name(located.name) if name is None else check_given_name(name)
