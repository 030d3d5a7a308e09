"""Where a person goes on after signing in: a place of ours, whatever a link makes of it."""

import re
from urllib.parse import unquote

_PLAIN = re.compile(r"/(?!/)[!-\[\]-~]*")  # printable ASCII without backslash; one slash first
_LONGEST = 2000  # characters
_HOME = "/"
_DOOR = "/ui/sign-"
_DOTS = frozenset({".", ".."})
_MOST_LAYERS = 4  # of percent-encoding


def destination(text: str) -> str:
    """Return `text` if it is a path of ours with or without a query, or else the root's.

    It is written as below the external prefix, and may not lead out of that, nor back to the door.
    """
    path = text.partition("?")[0]
    fits = _PLAIN.fullmatch(text) is not None and len(text) <= _LONGEST and "#" not in text
    return text if fits and _stays(path) and not path.startswith(_DOOR) else _HOME


def _stays(path: str) -> bool:
    """Whether a path means what it looks like, however often somebody decodes it."""
    layer = path
    for _ in range(_MOST_LAYERS):
        segments = layer.split("/")
        if "\\" in layer or "" in segments[1:-1] or not _DOTS.isdisjoint(segments):
            return False
        below = unquote(layer)
        if below == layer:
            return True
        layer = below
    return False
