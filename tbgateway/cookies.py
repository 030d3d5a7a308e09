"""The two cookies that the gateway sets in browsers: who is signed in, and who signed out.

Cookies know no ports, and a host may have several gateways, so a gateway's cookies are named after
where browsers find it.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import hdrs, web
from multidict import CIMultiDictProxy

from tbgateway.routes import External

_MOST_SHOWN = 4  # more of one name are somebody's attempt to hide the right one
_REMEMBERED = 256  # places
_LEFT = "1"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser shows: secrets of sessions, and whether somebody signed out in it."""

    secrets: tuple[str, ...] = ()
    left: bool = False


_NOTHING = Shown()


@dataclass(frozen=True, slots=True)
class Cookies:
    """One gateway's cookies in browsers that find it at one place; `path` begins all its URLs."""

    name: str
    path: str
    secure: bool

    @classmethod
    def at(cls, external: External) -> "Cookies":
        """Return the cookies of the gateway that is found there."""
        return _cookies(external)

    def read(self, headers: CIMultiDictProxy[str]) -> Shown:
        """Return what the headers of a request show."""
        items = [
            item.strip()
            for line in headers.getall(hdrs.COOKIE, ())
            for item in line.split(";")
            if self.name in item  # of both cookies
        ]
        if not items:
            return _NOTHING
        begin = f"{self.name}="
        secrets = [item.removeprefix(begin) for item in items if item.startswith(begin)]
        return Shown(tuple(secrets[:_MOST_SHOWN]), left=f"{self._marker}={_LEFT}" in items)

    def sign_in(self, response: web.StreamResponse, secret: str, lifetime: float) -> None:
        """Have the browser keep a session's secret for so many seconds."""
        self._set(response, self.name, secret, int(lifetime))
        self._set(response, self._marker, "", 0)

    def sign_out(self, response: web.StreamResponse) -> None:
        """Have the browser forget the secret and, until it is closed, know that it did.

        It repeats a password that was once typed into its own dialog for as long.
        """
        self._set(response, self.name, "", 0)
        self._set(response, self._marker, _LEFT, None)

    @property
    def _marker(self) -> str:
        return f"{self.name}_left"

    def _set(
        self, response: web.StreamResponse, name: str, value: str, max_age: int | None
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            path=self.path,
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )


@lru_cache(_REMEMBERED)
def _cookies(external: External) -> Cookies:
    place = f"{external.host.lower()}{external.prefix}"
    name = f"tbgateway_{hashlib.sha256(place.encode()).hexdigest()[:8]}"
    secure = external.scheme == "https"
    return Cookies(f"{_guard(external)}{name}", f"{external.prefix}/", secure)


def _guard(external: External) -> str:
    """Return how a name begins that browsers let nobody take but the server at its own host.

    Scripts of boards, and neighbours in the same domain, could plant a session of their own else.
    Without TLS there is no such name.
    """
    if external.scheme != "https":
        return ""
    return "__Http-" if external.prefix else "__Host-Http-"
