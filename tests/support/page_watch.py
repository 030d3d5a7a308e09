"""What a browser has to complain about while pages are open, and every request they make."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

_VIOLATION = "Content-Security-Policy violation:"
_TELL_VIOLATIONS = f"""
document.addEventListener("securitypolicyviolation", event => console.error(
  "{_VIOLATION}", event.effectiveDirective, event.blockedURI, "in", document.URL));
"""
_NO_NETWORK = {"blob", "data"}


class PageWatch:
    """Listens to all pages, frames and workers of a context from now on."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        """Failed requests, answers from 400 up, console errors, page errors, CSP violations."""
        self.requests: list[str] = []
        """The URLs of all requests, also of those that failed."""
        context.add_init_script(_TELL_VIOLATIONS)  # runs in every frame
        context.on("request", self._on_request)
        context.on("requestfailed", self._on_failure)
        context.on("response", self._on_response)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)

    @property
    def faults(self) -> list[str]:
        """The complaints without the requests that pages gave up themselves, as they were left.

        The script of a shared worker is one of those: for Chromium's inspector it never ends.
        """
        return [one for one in self.complaints if not one.endswith("net::ERR_ABORTED")]

    def outside(self, *prefixes: str) -> list[str]:
        """Return the requests whose URL begins with none of the prefixes."""
        return [url for url in self.requests if not url.startswith(prefixes)]

    def _on_request(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in _NO_NETWORK:
            self.requests.append(request.url)

    def _on_failure(self, request: Request) -> None:
        self.complaints.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            told = f"{response.status}: {response.request.method} {response.url}"
            self.complaints.append(f"answered {told}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            kind = "" if message.text.startswith(_VIOLATION) else "console error: "
            self.complaints.append(f"{kind}{message.text} ({message.location['url']})")

    def _on_error(self, error: WebError) -> None:
        self.complaints.append(f"page error: {error.error}")
