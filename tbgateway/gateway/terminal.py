"""The terminal that a gateway was started on."""

import os

_CONTROLLING = "/dev/tty"
_STANDARD = (0, 1, 2)  # input, output, errors


class Terminal:
    """This process's controlling terminal, if it has one now."""

    def __init__(self) -> None:
        self._was_there = _is_there()
        self._used_for = [descriptor for descriptor in _STANDARD if os.isatty(descriptor)]

    @property
    def lost(self) -> bool:
        """Whether there was one and it was closed."""
        return self._was_there and not _is_there()

    def leave(self) -> None:
        """Write to nowhere what would go to it: after it was closed that is an error each time."""
        nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        for descriptor in self._used_for:
            os.dup2(nowhere, descriptor)
        os.close(nowhere)


def _is_there() -> bool:
    try:
        os.close(os.open(_CONTROLLING, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
