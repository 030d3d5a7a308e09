"""One generation of a board: launched, opened to requests, ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Self, TypeVar

import structlog

from tbgateway.discovery import RootIdentity
from tbgateway.domain.model import Board, LaunchRecord
from tbgateway.domain.names import BoardId, launch_id
from tbgateway.launchers.launcher import LaunchHandle, LaunchSpec
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.root_watch import identified
from tbgateway.upstream import Upstream

log = structlog.get_logger(__name__)

_T = TypeVar("_T")
_U = TypeVar("_U")


class Instance:
    """A launched TensorBoard; `upstream` is there while requests may go to it.

    It may read what was below the `roots` when it was launched, and only that: the kernel sticks to
    the directories themselves, whatever comes under their paths later.
    """

    def __init__(
        self, handle: LaunchHandle, means: Means, roots: Mapping[str, RootIdentity]
    ) -> None:
        self.handle = handle
        self.roots = roots
        self.upstream: Upstream | None = None
        self._means = means

    def __repr__(self) -> str:
        """Tell which generation it is and whether it takes requests."""
        return f"<Instance {self.handle.launch_id} {'open' if self.upstream else 'closed'}>"

    @classmethod
    async def launch(
        cls, board_id: BoardId, means: Means, prepare: Callable[[], Awaitable[object]]
    ) -> Self:
        """Start the board's next generation, once `prepare` is done with its tree.

        Raise LaunchError, EngineUnreachableError, or StorageFullError with nothing left running.

        The generation's number is stored before the process exists, so that no two launches ever
        share an id; the handle is stored before the process is ready, so that a restarted gateway
        finds what its predecessor left.
        """
        numbered = means.generations.next(means.store, board_id)
        board, roots = await _both(numbered, _prepared(means, prepare))
        spec = _spec(board, means, roots)
        handle = await means.launcher.start(spec)
        record = LaunchRecord(
            launch_id=handle.launch_id, board_id=board.id, handle=handle.to_json()
        )
        try:
            async with means.store.transaction() as tx:
                if board.id in means.store.boards:
                    tx.put(record)
        except BaseException:  # what nobody will remember must not run
            await means.launcher.stop(handle, grace=0.0)
            raise
        log.info("board process started", board=board.name, launch=handle.launch_id)
        return cls(handle, means, roots)

    def open(self, endpoint: Path) -> None:
        """Let requests through."""
        settings = self._means.settings
        self.upstream = Upstream(
            endpoint, at_once=settings.requests_at_once, queued=settings.requests_queued
        )

    @property
    def lost_roots(self) -> frozenset[str]:
        """The roots that are other directories by now than those it may read."""
        roots = self._means.roots.items()
        return frozenset(
            name for name, root in roots if root.identity not in {None, self.roots.get(name)}
        )

    async def end(self, *, drain: bool) -> None:
        """Refuse new requests, wait for those in flight if `drain`, end the process.

        One that hangs hears no request to end: it gets no time for that.
        """
        upstream, self.upstream = self.upstream, None
        grace = self._means.limits.stop_grace
        if upstream is not None:
            grace = grace if upstream.answers else 0.0
            if drain:
                await upstream.drained(grace)
            await upstream.close()
        await self._means.launcher.stop(self.handle, grace=grace)
        await self._means.generations.forget(self._means.store, self.handle.launch_id)

    async def tail(self, lines: int) -> str:
        """Return the last lines it wrote to stderr."""
        return await self._means.launcher.tail(self.handle, lines)


async def _both(first: Awaitable[_T], second: Awaitable[_U]) -> tuple[_T, _U]:
    """Return what both return, when both are over: nothing goes on behind a failure."""
    one, other = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(other, BaseException):
        raise other
    return one, other


async def _prepared(
    means: Means, prepare: Callable[[], Awaitable[object]]
) -> Mapping[str, RootIdentity]:
    roots, _ = await _both(identified(means.roots), prepare())
    return roots


def _spec(board: Board, means: Means, roots: Iterable[str]) -> LaunchSpec:
    layout, settings = means.layout, means.settings
    return LaunchSpec(
        launch_id=launch_id(board.id, board.generation),
        board_id=board.id,
        generation=board.generation,
        title=board.name,
        logdir=layout.tree(board.id),
        scratch=layout.scratch(board.id),
        log=layout.log(board.id),
        log_bytes=settings.log_bytes,
        isolation=settings.isolation,
        first_load_timeout=settings.first_load_timeout,
        release_data_after=settings.release_data_after,
        samples_per_plugin=settings.samples_per_plugin,
        readable=tuple(means.roots[name].path for name in roots),
        descriptions=layout.descriptions(board.id),
        memory=means.memory_limits().board,
    )
