"""Examples of every page there is; what makes one page's examples has a module beside this one."""

from collections.abc import Mapping

from page_examples import (
    board_examples,
    experiments_examples,
    home_examples,
    member_examples,
    problem_examples,
    sign_in_examples,
)

from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.urls import Urls

_MODULES = (
    board_examples,
    experiments_examples,
    member_examples,
    home_examples,
    problem_examples,
    sign_in_examples,
)


def every_page(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of every page, by name, with `text` wherever text goes."""
    return {name: page for module in _MODULES for name, page in module.examples(urls, text).items()}


NAMES = tuple(every_page(Urls(""), "x"))
