"""What a request target may look like: decided on the raw bytes, the ones that are forwarded.

Whatever one party could read as another path than the next party does is refused, not mended.
"""

import re
from urllib.parse import unquote_to_bytes

from tbgateway.domain.errors import BadRequestError
from tbgateway.routes import Target

_TARGET = re.compile(r"/[!-~]*")  # printable ASCII without the space
_HARMLESS = re.compile(  # nothing encoded and no segment that means anything but itself
    r"(?=/)(?:/(?!\.{1,2}(?:[/?]|\Z))[!-$&-.0-:<->@-\[\]-~]+)*/?(?:\?[!-~]*)?"
)
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NEVER_IN_PATHS = re.compile(rb"[\x00-\x1f\x7f\\;]")
_MOST_LAYERS = 4  # of percent-encoding


def parse_target(raw: str, prefix: str) -> Target:
    """Split a raw request target, taking `prefix` off if the path begins with it.

    Raise BadRequestError unless it is in origin form and can be read in one way only.
    """
    if not _TARGET.fullmatch(raw) or "#" in raw:
        raise _refused("it is not a path in printable ASCII")
    path, _, query = raw.partition("?")
    if not _HARMLESS.fullmatch(raw):
        _check_path(path)
    own, taken = _without_prefix(path, prefix)
    return Target(raw=raw, path=own, query=query, prefix=taken)


def _check_path(path: str) -> None:
    if _BROKEN_ESCAPE.search(path):
        raise _refused("it holds a percent sign that encodes nothing")
    layer = path.encode("ascii")
    slashes = layer.count(b"/")
    for _ in range(_MOST_LAYERS):
        _check_layer(layer, slashes)
        below = unquote_to_bytes(layer)
        if below == layer:
            return
        layer = below
    raise _refused("it is percent-encoded again and again")


def _check_layer(path: bytes, slashes: int) -> None:
    """Check a path as it looks to somebody who decoded it so many times."""
    if path.count(b"/") != slashes:
        raise _refused("it holds an encoded slash")
    if _NEVER_IN_PATHS.search(path):
        raise _refused("it holds a backslash, a semicolon or a control character")
    segments = path.split(b"/")[1:]
    if b"" in segments[:-1]:
        raise _refused("it holds an empty segment")
    if b"." in segments or b".." in segments:
        raise _refused("it holds a dot segment")
    try:
        path.decode()
    except UnicodeDecodeError as error:
        raise _refused("it holds bytes that are not UTF-8") from error


def _without_prefix(path: str, prefix: str) -> tuple[str, str]:
    """Return the path below the prefix ("" for the prefix itself) and what was taken off."""
    if prefix and f"{path}/".startswith(f"{prefix}/"):
        return path[len(prefix) :], prefix
    return path, ""


def _refused(why: str) -> BadRequestError:
    return BadRequestError(
        f"The request target is refused: {why}.",
        hint="Send a path beginning with one slash, and percent-encode what is not plain ASCII.",
    )
