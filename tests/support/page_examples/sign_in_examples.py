"""The page that members sign in at, as it may look."""

from collections.abc import Mapping

from tbgateway.domain.errors import UnauthenticatedError
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.sign_in import SignInPage
from tbgateway.rendering.urls import Urls


def examples(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of each page, with `text` wherever text goes."""
    problem = UnauthenticatedError(text, hint=text)
    return {
        "sign in": SignInPage(
            urls=urls, problem=problem, username=text, destination=f"/boards/{text}/"
        ),
    }
