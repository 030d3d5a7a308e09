"""Memory that was needed for a while, at a start above all, given back to the machine.

The C library keeps what is freed for later: 7 MB after a start with 10,000 boards, for ever.
"""

import asyncio
import ctypes

_FIRST_AFTER = 10.0  # seconds; by then what a start sets off is done
_AGAIN_AFTER = 600.0  # seconds; brotli was made, large lists were answered


async def give_back_spare_memory(
    first_after: float = _FIRST_AFTER, again_after: float = _AGAIN_AFTER
) -> None:
    """Do so now and then, for ever; nothing where the C library has no way (it is not glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    await asyncio.sleep(first_after)
    while trim is not None:
        # In a thread: it takes some milliseconds, in which others need not wait.
        await asyncio.to_thread(trim, 0)
        await asyncio.sleep(again_after)
