"""Pages: a context in, HTML out. Complete without JavaScript; nothing unescaped."""

from dataclasses import fields

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from tbgateway.rendering.contexts.page import Page

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
    known = {field.name: getattr(page, field.name) for field in fields(page)}
    return template.render(known, section=page.section)


def page_response(page: Page, *, status: int = 200) -> web.Response:
    """Return the page as a response; one that refuses a form has the problem's status."""
    if page.problem is not None:
        status = page.problem.status
    response = web.Response(text=render(page), status=status, content_type="text/html")
    response.enable_compression()  # if the client can read it: a thousand rows are much alike
    return response
