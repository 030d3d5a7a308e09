"""Waiting for what may never come back, such as a file system whose server is away."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def result_within(seconds: float, ask: Callable[[], T]) -> T | None:
    """Return what `ask` returns, or None if that takes longer, fails, or cannot even be tried."""
    results: list[T] = []

    def take() -> None:
        with suppress(Exception):  # whoever waits is not harmed by what we overlooked
            results.append(ask())

    thread = threading.Thread(target=take, name="tbgateway place", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # there are as many threads as may be
        return None
    thread.join(max(0.0, seconds))
    return results[0] if results else None
