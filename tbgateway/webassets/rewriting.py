"""What is changed in TensorBoard's two pages, so that boards can share all the rest.

A page names its script and fonts relatively to itself, or at the root of the site. Here both
become addresses below `assets/<fingerprint>/`, relative to the page: true under any prefix. How
often each appears is known; a TensorBoard where that differs is not touched at all.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from tbgateway.webassets.installed import (
    FONTS,
    PAGE,
    PROJECTOR,
    PROJECTOR_PAGE,
    UnfamiliarFilesError,
)

_FAMILIAR = frozenset(
    {
        PAGE,
        "index.js",
        "chart_worker.js",
        "icon_bundle.svg",
        f"{PROJECTOR}index.js",
        PROJECTOR_PAGE,
        f"{PROJECTOR}projector_binary.js",
    }
)
_OWN = ("auto_reload.js", "board_gone.js")
"""Our own scripts, which run before TensorBoard's."""

_SHARED = b"\x00"  # stands in a page for `<root>assets/<fingerprint>/`; no HTML holds it
_PREAMBLE = b'<!doctype html><meta name="tb-relative-root" content="./">'  # as stock sends it
_FINGERPRINT_LENGTH = 20


@dataclass(frozen=True, slots=True)
class _Change:
    """A pattern, what it becomes, and how often it must be there."""

    pattern: re.Pattern[bytes]
    replacement: bytes
    times: int

    def made(self, page: bytes, name: str) -> bytes:
        """Return the page with the change; raise UnfamiliarFilesError at another count."""
        changed, times = self.pattern.subn(self.replacement, page)
        if times != self.times:
            raise UnfamiliarFilesError(
                f"{name} holds {self.pattern.pattern!r} {times} times, not {self.times} times"
            )
        return changed


_SCRIPT = b'<script src="%b%b"></script>'
_FONTS = _Change(re.compile(rb"url\(/font-roboto/"), b"url(" + _SHARED + FONTS.encode(), 70)
_CHANGES = {
    PAGE: (
        _Change(
            re.compile(rb'<script src="index\.js\?_file_hash=[0-9a-f]+">'),
            b"".join(_SCRIPT % (_SHARED, name.encode()) for name in _OWN)
            + b'<script src="%bindex.js">' % _SHARED,
            1,
        ),
        _FONTS,
    ),
    PROJECTOR_PAGE: (
        _Change(
            re.compile(rb'src="projector_binary\.js"'),
            b'src="%bprojector/projector_binary.js"' % _SHARED,
            1,
        ),
        _FONTS,
    ),
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Everything that is served: `files` by path, and the pages, whose links are still open.

    `fingerprint` changes whenever any byte of either does.
    """

    fingerprint: str
    files: Mapping[str, bytes]
    templates: Mapping[str, bytes]

    def page(self, name: str, root: str) -> bytes:
        """Return a page whose way to the gateway's root is `root`, such as `../../`."""
        return self.templates[name].replace(_SHARED, f"{root}assets/{self.fingerprint}/".encode())


def rewrite(originals: Mapping[str, bytes]) -> Rewritten:
    """Return what is served instead of `originals`; raise UnfamiliarFilesError."""
    _check_names(originals)
    templates = {name: _changed(name, originals[name]) for name in _CHANGES}
    shared = {name: content for name, content in originals.items() if name not in templates}
    own = files("tbgateway.webassets") / "static"
    shared |= {name: (own / name).read_bytes() for name in _OWN}
    return Rewritten(_fingerprint({**shared, **templates}), shared, templates)


def _check_names(originals: Mapping[str, bytes]) -> None:
    names = {name for name in originals if not name.startswith(FONTS)}
    if names != _FAMILIAR:
        raise UnfamiliarFilesError(f"other files than usual: {sorted(names ^ _FAMILIAR)}")


def _changed(name: str, page: bytes) -> bytes:
    if _SHARED in page:
        raise UnfamiliarFilesError(f"{name} holds a NUL")
    for change in _CHANGES[name]:
        page = change.made(page, name)
    return _PREAMBLE + page if name == PAGE else page


def _fingerprint(contents: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(contents):
        for part in (name.encode(), contents[name]):
            whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:_FINGERPRINT_LENGTH]
