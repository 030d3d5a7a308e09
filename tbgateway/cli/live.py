"""A part of the screen that shows how something is by now."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from tbgateway.cli.screen import Screen
from tbgateway.training.exit_codes import after_signal

Refresh = Callable[[], None]


@contextmanager
def live(
    out: TextIO, screen: Screen, frame: Callable[[], str], *, stays: bool
) -> Iterator[Refresh]:
    """Show what `frame` returns: once a second, and when the yielded function is called.

    What it was last `stays` on the screen, or is wiped away. The cursor is there again whatever
    ends the block, SIGTERM included.
    """
    from rich.console import Console  # noqa: PLC0415 - only a live view needs rich
    from rich.live import Live  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    console = Console(
        file=out,
        width=screen.columns,
        force_terminal=True,
        color_system="standard" if screen.colours else None,
        highlight=False,
    )
    view = Live(
        console=console,
        get_renderable=lambda: Text.from_ansi(frame(), no_wrap=True, overflow="ellipsis"),
        refresh_per_second=1,
        transient=not stays,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with _ending_tidily(), view:
        yield view.refresh


@contextmanager
def _ending_tidily() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(*_signal: object) -> None:
    raise SystemExit(after_signal(signal.SIGTERM))
