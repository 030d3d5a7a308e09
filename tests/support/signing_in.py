"""Members who sign in as a browser does, but byte by byte."""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import aiohttp

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Said:
    """What the gateway answered to a form, or to somebody who asked for a page."""

    status: int
    location: str
    headers: list[tuple[str, str]]
    text: str

    @property
    def cookies(self) -> SimpleCookie:
        """Return the cookies that were set."""
        cookies = SimpleCookie()
        for name, value in self.headers:
            if name == "Set-Cookie":
                cookies.load(value)
        return cookies

    @property
    def cookie(self) -> str:
        """Return what a browser shows from now on."""
        kept = {name: one.value for name, one in self.cookies.items() if one["max-age"] != "0"}
        return "; ".join(f"{name}={value}" for name, value in kept.items())

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name)


async def send(url: str, *, cookie: str = "", form: dict[str, str] | None = None) -> Said:
    """Ask for a page as a person's browser does, or send a form of the gateway's own."""
    origin = "/".join(url.split("/")[:3])
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Origin": origin}
    headers |= {"Cookie": cookie} if cookie else {}
    headers |= {"Content-Type": FORM} if form is not None else {}
    data = None if form is None else urlencode(form).encode()
    method = "GET" if form is None else "POST"
    jar = aiohttp.DummyCookieJar()
    async with (
        aiohttp.ClientSession(cookie_jar=jar) as session,
        session.request(method, url, headers=headers, data=data, allow_redirects=False) as answer,
    ):
        location = answer.headers.get("Location", "")
        return Said(answer.status, location, list(answer.headers.items()), await answer.text())


async def sign_in(url: str, name: str, password: str, goal: str = "/", cookie: str = "") -> Said:
    """Send the form to sign in at the gateway at `url`."""
    form = {"username": name, "password": password, "next": goal}
    return await send(f"{url}/ui/sign-in", cookie=cookie, form=form)


async def sign_out(url: str, cookie: str) -> Said:
    """Send the form to sign out."""
    return await send(f"{url}/ui/sign-out", cookie=cookie, form={})
