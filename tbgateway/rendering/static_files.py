"""The product's own stylesheet, scripts and icons: few, small, read once, public.

Each is asked for by its fingerprint. So no script imports another: that one would be asked for
without one, and might be of another version.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

_CONTENT_TYPES = {
    "gateway.css": "text/css; charset=utf-8",
    "favicon.svg": "image/svg+xml",
    "favicon.ico": "image/x-icon",
    "live.js": "text/javascript; charset=utf-8",
    "comfort.js": "text/javascript; charset=utf-8",
    "news.js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is served; `fingerprint` changes whenever its content does."""

    name: str
    content_type: str
    content: bytes
    fingerprint: str

    @property
    def etag(self) -> str:
        """The entity tag, with its quotation marks."""
        return f'"{self.fingerprint}"'


def _read(name: str, content_type: str) -> StaticFile:
    content = (files("tbgateway.rendering") / "static" / name).read_bytes()
    return StaticFile(name, content_type, content, hashlib.sha256(content).hexdigest()[:16])


STATIC_FILES: Mapping[str, StaticFile] = MappingProxyType(
    {name: _read(name, content_type) for name, content_type in _CONTENT_TYPES.items()}
)
"""All of them by name. A name that is not here is not served, so no path can lead elsewhere."""
