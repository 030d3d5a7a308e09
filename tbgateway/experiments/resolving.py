"""Finding the experiments that a person's list names, line by line."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from tbgateway.domain.errors import NotFoundError, TbgatewayError
from tbgateway.domain.model import Experiment
from tbgateway.experiments.turns import in_turns


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A line, or a part of one, that names no experiment, and why."""

    text: str
    error: TbgatewayError


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a list names, each once and in its order, and what in it names nothing."""

    experiments: tuple[Experiment, ...]
    unresolved: tuple[Unresolved, ...]


@dataclass(slots=True)
class Resolving:
    """Resolves lists: `find` looks in memory, `rescan` on the disk, `register` at one directory."""

    find: Callable[[str], Experiment]
    register: Callable[[str], Awaitable[Experiment]]
    rescan: Callable[[], Awaitable[None]]
    _found: dict[str, Experiment] = field(default_factory=dict)
    _unresolved: list[Unresolved] = field(default_factory=list)

    async def resolve(self, text: str) -> Resolved:
        """Resolve names, ids and paths, one a line or with commas in between.

        A name may hold commas: a line is taken apart only if it is no name as a whole. What is not
        known may have been made since the last scan, so the roots are looked at, once.
        """
        refs = [ref async for ref in in_turns(self._taken_apart(text))]
        if [ref async for ref in in_turns(refs) if self._is_unknown_name(ref)]:
            await self.rescan()
        async for ref in in_turns(dict.fromkeys(refs)):
            await self._take(ref)
        experiments = {one.id: one for one in self._found.values()}
        return Resolved(tuple(experiments.values()), tuple(self._unresolved))

    def _taken_apart(self, text: str) -> Iterator[str]:
        for line in filter(None, map(str.strip, text.splitlines())):
            if "," in line and self._is_unknown(line):
                yield from filter(None, map(str.strip, line.split(",")))
            else:
                yield line

    def _is_unknown_name(self, ref: str) -> bool:
        return not ref.startswith("/") and self._is_unknown(ref)

    def _is_unknown(self, ref: str) -> bool:
        try:
            self.find(ref)
        except TbgatewayError as error:
            return isinstance(error, NotFoundError)
        return False

    async def _take(self, ref: str) -> None:
        try:
            known = not ref.startswith("/") or not self._is_unknown(ref)
            self._found[ref] = self.find(ref) if known else await self.register(ref)
        except TbgatewayError as error:
            self._unresolved.append(Unresolved(ref, error))
