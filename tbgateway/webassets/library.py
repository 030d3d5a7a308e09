"""All shared files, ready to be sent, and what a path below a board means."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from tbgateway.webassets.asset import Asset
from tbgateway.webassets.installed import FONTS, PAGE, PROJECTOR, PROJECTOR_PAGE
from tbgateway.webassets.rewriting import Rewritten

_BOARD = 2  # how many levels below the gateway's root the page of a board lies
_PLUGIN = "data/plugin/projector/"
_EXPERIMENT = re.compile(r"experiment/[^/]+/")
"""TensorBoard answers below these as it does above them."""

_PAGES = {"": PAGE, "index.html": PAGE, f"{_PLUGIN}projector_binary.html": PROJECTOR_PAGE}
_HERE = {
    "icon_bundle.svg": "icon_bundle.svg",
    f"{_PLUGIN}index.js": f"{PROJECTOR}index.js",
}
_ELSEWHERE = {
    "index.js": "index.js",
    # The page refuses any address with a slash for it, so it must be found beside the page.
    "chart_worker.js": "chart_worker.js",
    f"{_PLUGIN}projector_binary.js": f"{PROJECTOR}projector_binary.js",
}
_LEGACY = frozenset({"audio", "events", "graphs", "histograms", "images"})


@dataclass(frozen=True, slots=True)
class Here:
    """The asset is sent at this very place; a page needs other headers than a file."""

    asset: Asset
    is_page: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The shared file with this path has what is asked for."""

    path: str


@dataclass(frozen=True, slots=True)
class Home:
    """An old address of TensorBoard's page, which lies `path` from here."""

    path: str = "./"


Place = Here | Elsewhere | Home


class Library:
    """The files by their paths below `/assets/<fingerprint>/`, and the pages of boards."""

    def __init__(self, rewritten: Rewritten) -> None:
        self.fingerprint = rewritten.fingerprint
        self.files: Mapping[str, Asset] = {
            name: Asset(name, content) for name, content in rewritten.files.items()
        }
        self._pages = {
            (name, depth): Asset(name, rewritten.page(name, "../" * (_BOARD + depth)))
            for name, depth in _places_of_pages()
        }

    def __repr__(self) -> str:
        """Tell which files these are."""
        return f"<Library {self.fingerprint} {len(self.files)} files>"

    def assets(self) -> Iterable[Asset]:
        """Return everything that can be sent."""
        return (*self.files.values(), *self._pages.values())

    def place(self, rest: str) -> Place | None:
        """Return what the raw path below a board's slash means; None if the board must say."""
        path = unquote(rest)
        path = path[match.end() :] if (match := _EXPERIMENT.match(path)) else path
        if path in _PAGES:
            return Here(self._pages[_PAGES[path], rest.count("/")], is_page=True)
        if path in _HERE:
            return Here(self.files[_HERE[path]], is_page=False)
        if path in _LEGACY:
            return Home()
        shared = _ELSEWHERE.get(path, path if path.startswith(FONTS) else "")
        return Elsewhere(shared) if shared in self.files else None


def _places_of_pages() -> Iterable[tuple[str, int]]:
    """Yield each page with how many levels below a board it is asked for."""
    prefixes = ("", "experiment/any/")
    return {
        (name, (prefix + path).count("/")) for prefix in prefixes for path, name in _PAGES.items()
    }
