"""What the C library keeps is given back."""

import asyncio
import ctypes
from pathlib import Path

from tbgateway.gateway.spare_memory import give_back_spare_memory

_MUCH = 64 * 1024**2  # bytes
_PIECE = 4096  # bytes; far below what malloc maps by itself


def resident() -> int:
    """Return the bytes of memory this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def test_freed_memory_goes_back_to_the_machine() -> None:
    before = resident()
    malloc, free = ctypes.CDLL(None).malloc, ctypes.CDLL(None).free
    malloc.restype, free.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
    pieces = [malloc(_PIECE) for _ in range(_MUCH // _PIECE)]
    for piece in pieces:
        ctypes.memset(piece, 1, _PIECE)
    for piece in pieces[:-1]:  # the last one stays, so that nothing shrinks by itself
        free(piece)
    assert resident() > before + _MUCH // 2

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        giving = group.create_task(give_back_spare_memory(0.0, 0.01))
        while resident() > before + _MUCH // 2:
            await asyncio.sleep(0.01)
        giving.cancel()
    free(pieces[-1])
