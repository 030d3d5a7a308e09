"""Every URL of the product is made here, and nowhere else.

Pages link relatively: whatever prefix a reverse proxy puts in front, a link stays right without
anybody knowing the prefix. Absolute URLs are for those who leave the page: the API and the CLI.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlencode

from tbgateway.rendering.static_files import STATIC_FILES


@dataclass(frozen=True, slots=True)
class Urls:
    """The product's URLs as seen from one place.

    `root` leads from there to the product's root and ends with a slash, or is empty when that
    place lies directly in the root.
    """

    root: str

    @classmethod
    def seen_from(cls, path: str) -> Self:
        """Return relative URLs for a page at `path` (raw, below the external prefix)."""
        return cls("../" * max(path.count("/") - 1, 0))

    @classmethod
    def at(cls, public_url: str) -> Self:
        """Return absolute URLs below `public_url`, such as `https://host/team/tb`."""
        return cls(public_url.rstrip("/") + "/")

    @property
    def home(self) -> str:
        """The page with all boards."""
        return self.root or "./"

    def boards(self, **query: str) -> str:
        """Return the URL of the page with all boards, searched and ordered as `query` says."""
        return f"{self.home}?{urlencode(query)}" if query else self.home

    def board(self, name: str) -> str:
        """Return the board's own URL, with its trailing slash: TensorBoard needs it."""
        return f"{self.root}boards/{quote(name, safe='')}/"

    def static(self, name: str) -> str:
        """Return the URL of one of the product's own files; raise KeyError if there is none.

        It carries the content's fingerprint, so that browsers may keep the file for ever.
        """
        return f"{self._to('ui', 'static', name)}?v={STATIC_FILES[name].fingerprint}"

    def asset(self, fingerprint: str, path: str) -> str:
        """Return the URL of a file that all boards share."""
        return self._to("assets", fingerprint, *path.split("/"))

    def api(self, *segments: str) -> str:
        """Return the URL of something in the API, such as `api("boards", board.id)`."""
        return self._to("api", "v1", *segments)

    def page(self, *segments: str, **query: str | Sequence[str]) -> str:
        """Return the URL of a page or of a form's target, such as `page("boards", name, "add")`."""
        url = self._to("ui", *segments)
        return f"{url}?{urlencode(query, doseq=True)}" if query else url

    def board_page(self, name: str) -> str:
        """Return the URL of the page about a board; what its TensorBoard shows is at `board`."""
        return self.page("boards", name)

    def _to(self, *segments: str) -> str:
        return self.root + "/".join(quote(segment, safe="") for segment in segments)
