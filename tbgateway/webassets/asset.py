"""One file as browsers get it: in several encodings, each with an entity tag of its own."""

import gzip
import hashlib
import zlib
from collections.abc import Sequence

GZIP, BROTLI, IDENTITY = "gzip", "br", "identity"

_SMALLEST_FIRST = (BROTLI, GZIP, IDENTITY)
_COMPRESSIBLE = ("text/", "image/svg")
_CONTENT_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "woff2": "font/woff2",
}
_UNKNOWN_TYPE = "text/plain; charset=utf-8"  # licences
_LEVEL = 6  # higher ones win half a percent for half as much time again
_GZIP_FORMAT = 31  # zlib's word for the largest window in a gzip wrapping


class Asset:
    """A file's content. What compresses is kept compressed; it is unpacked when first asked for."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content_type = _CONTENT_TYPES.get(name.rpartition(".")[2], _UNKNOWN_TYPE)
        self.fingerprint = hashlib.sha256(content).hexdigest()
        self._bodies = {IDENTITY: content}
        if self.compressible:
            self._bodies = {GZIP: zlib.compress(content, _LEVEL, _GZIP_FORMAT)}

    def __repr__(self) -> str:
        """Tell the name and what it is kept as."""
        kept = " ".join(f"{encoding}={len(body)}" for encoding, body in self._bodies.items())
        return f"<Asset {self.name} {kept}>"

    @property
    def compressible(self) -> bool:
        """Whether compressing makes it smaller: fonts are compressed already."""
        return self.content_type.startswith(_COMPRESSIBLE)

    @property
    def encodings(self) -> Sequence[str]:
        """The encodings it can be had in now, the smallest first."""
        return [one for one in _SMALLEST_FIRST if one == IDENTITY or one in self._bodies]

    def etag(self, encoding: str) -> str:
        """Return the value of the entity tag, without its quotation marks."""
        return f"{self.fingerprint[:20]}-{encoding}"

    def body(self, encoding: str) -> bytes:
        """Return the content in one of `encodings`."""
        if encoding == IDENTITY and IDENTITY not in self._bodies:
            self._bodies[IDENTITY] = self.unpacked()
        return self._bodies[encoding]

    def unpacked(self) -> bytes:
        """Return the content itself, and keep nothing of it."""
        plain = self._bodies.get(IDENTITY)
        return gzip.decompress(self._bodies[GZIP]) if plain is None else plain

    def add_brotli(self, body: bytes) -> None:
        """Take the content compressed with brotli, if that makes it smaller still."""
        if len(body) < len(self._bodies[GZIP]):
            self._bodies[BROTLI] = body
