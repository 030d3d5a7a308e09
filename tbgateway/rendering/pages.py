"""Pages: a context in, HTML out. Complete without JavaScript; nothing unescaped."""

from dataclasses import fields
from types import MappingProxyType

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from tbgateway.rendering.contexts import Page

PAGE_HEADERS = MappingProxyType(
    {
        # A page of ours needs its stylesheet and its icon. No script, not even from this origin:
        # boards share the origin, and what they serve comes out of other people's experiments.
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
)

ENVIRONMENT = Environment(
    loader=PackageLoader("tbgateway.rendering"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(page: Page) -> str:
    """Return the page as HTML."""
    template = ENVIRONMENT.get_template(page.template)
    return template.render({field.name: getattr(page, field.name) for field in fields(page)})


def page_response(page: Page, *, status: int = 200) -> web.Response:
    """Return the page as a response with the headers that keep it to itself."""
    response = web.Response(
        text=render(page), status=status, content_type="text/html", headers=PAGE_HEADERS
    )
    response.enable_compression()  # if the client can read it: a thousand rows are much alike
    return response
