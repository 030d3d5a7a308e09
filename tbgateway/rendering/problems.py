"""Errors as a person or a program likes to read them: HTML, plain text or RFC 9457 JSON."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from tbgateway.domain.errors import (
    BoardFailedError,
    BoardPausedError,
    MethodNotAllowedError,
    TbgatewayError,
    UnavailableError,
)
from tbgateway.rendering.contexts.page import Reader
from tbgateway.rendering.contexts.problems import (
    BoardDownPage,
    BoardFailedPage,
    BoardPausedPage,
    ProblemPage,
)
from tbgateway.rendering.contexts.waiting import Reading, WaitingPage
from tbgateway.rendering.gradient_problems import GRADIENT, gradient_problem
from tbgateway.rendering.negotiation import preferred
from tbgateway.rendering.pages import render
from tbgateway.rendering.urls import Urls
from tbgateway.schemas.answers import ProblemAnswer

PROBLEM_JSON = "application/problem+json"
_TEXT = "text/plain"
_HTML = "text/html"
_OFFERS = (_TEXT, _HTML, "application/json", PROBLEM_JSON)
"""Plain text first: `curl` and TensorBoard's own requests accept anything."""

_PROGRAMS = ("/api/", GRADIENT)
"""Below these every answer is JSON, whatever a client says it accepts."""

_PAGES: Mapping[type[TbgatewayError], type[ProblemPage]] = {
    BoardFailedError: BoardFailedPage,
    BoardPausedError: BoardPausedPage,
}
"""Errors that deserve a page of their own."""

_ASK_AGAIN = 2  # seconds; boards wake within one, large ones within a few


@dataclass(frozen=True, slots=True, kw_only=True)
class Aid:
    """What helps the reader of an error, who must be allowed to know it.

    `log_tail` are a board's last log lines, shown in HTML and text. `sign_in` is where the page
    sends members. `board` is the name of the one that is down, `startable` if the reader may start
    it. `reader` is whom the page is for, if that is known.
    """

    log_tail: str = ""
    sign_in: str = ""
    board: str = ""
    startable: bool = False
    reader: Reader | None = None

    @property
    def has_forms(self) -> bool:
        """Whether the page asks for changes."""
        return self.startable or (self.reader is not None and self.reader.leaves)


NO_AID = Aid()


def error_response(
    error: TbgatewayError,
    *,
    path: str,
    accept: str,
    request_id: str,
    prefix: str = "",
    headers: Mapping[str, str] | None = None,
    aid: Aid = NO_AID,
) -> web.Response:
    """Return `error` in the form that suits the client of `path` (raw, below the `prefix`).

    Retry-After and Allow follow from the error; `headers` adds what only the caller knows, such
    as WWW-Authenticate.
    """
    all_headers = {"Vary": "Accept", **_own_headers(error), **(headers or {})}
    media_type = _media_type(path, accept)
    if aid.has_forms and media_type == _HTML:
        # What is sent from the addresses of boards is not trusted; these forms are.
        all_headers["Referrer-Policy"] = "strict-origin"
    match media_type:
        case "text/html":
            text = render(_page(error, Urls.seen_from(path), request_id, aid))
        case "text/plain":
            text = _plain(error, request_id, aid.log_tail)
        case _:
            told = problem(error, request_id, prefix)
            is_gradients = programs_at(path) == GRADIENT
            text = gradient_problem(told) if is_gradients else told.model_dump_json()
    return web.Response(
        text=text, status=error.status, content_type=media_type, headers=all_headers
    )


def waiting_response(
    board: str,
    *,
    path: str,
    accept: str,
    request_id: str,
    prefix: str = "",
    reading: Reading | None = None,
) -> web.Response:
    """Return "the board is starting": a page that asks again by itself, or a 503 to retry."""
    error = UnavailableError(f"The board {board!r} is starting.", retry_after=_ASK_AGAIN)
    response = error_response(error, path=path, accept=accept, request_id=request_id, prefix=prefix)
    if response.content_type == _HTML:
        urls, reading = Urls.seen_from(path), reading or Reading()
        page = WaitingPage(urls=urls, board=board, again=_ASK_AGAIN, reading=reading)
        response.text = render(page)
    return response


def problem(error: TbgatewayError, request_id: str, prefix: str = "") -> ProblemAnswer:
    """Return `error` as an RFC 9457 problem; `prefix` is the external one.

    Its type is a path from the root of the site, as the RFC wants it, where its code is explained.
    """
    return ProblemAnswer(
        type=Urls.at(prefix).api("problems", error.code),
        title=error.title,
        status=error.status,
        detail=error.detail,
        hint=error.hint,
        code=error.code,
        request_id=request_id,
        field=getattr(error, "field", None) or None,
        command=error.command or None,
    )


def programs_at(path: str) -> str:
    """Return the beginning of `path` (raw, below the prefix) that makes all answers JSON, or ""."""
    return next((one for one in _PROGRAMS if f"{path}/".startswith(one)), "")


def is_for_programs(path: str) -> bool:
    """Whether everything at `path` (raw, below the prefix) is answered in JSON."""
    return bool(programs_at(path))


def _media_type(path: str, accept: str) -> str:
    if is_for_programs(path):
        return PROBLEM_JSON
    liked = preferred(accept, _OFFERS)
    return PROBLEM_JSON if liked == "application/json" else liked


def _own_headers(error: TbgatewayError) -> dict[str, str]:
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    if isinstance(error, MethodNotAllowedError):
        headers["Allow"] = ", ".join(sorted(error.allow))
    return headers


def _page(error: TbgatewayError, urls: Urls, request_id: str, aid: Aid) -> ProblemPage:
    fitting = (kind for refusal, kind in _PAGES.items() if isinstance(error, refusal))
    page = next(fitting, ProblemPage)(
        urls=urls,
        reader=aid.reader,
        error=error,
        request_id=request_id,
        log_tail=aid.log_tail,
        sign_in=aid.sign_in,
    )
    if not isinstance(page, BoardDownPage) or not aid.board:
        return page
    start = urls.page("boards", aid.board, "start") if aid.startable else ""
    return replace(page, about=urls.board_page(aid.board), start=start)


def _plain(error: TbgatewayError, request_id: str, log_tail: str) -> str:
    first = f"{error.status} {error.title}"
    command = f"Try: {error.command}" if error.command else ""
    advice = (error.hint, command, log_tail.rstrip())
    lines = (first, error.detail, *advice, f"(request {request_id})")
    return "\n".join(line for line in lines if line) + "\n"
