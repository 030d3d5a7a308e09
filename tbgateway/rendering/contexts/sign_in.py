"""The page that members sign in at."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.rendering.contexts.page import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """A form for a member's name and password; `username` is what was typed before.

    `destination` is where to go on from there: a path below the product's root.
    """

    template: ClassVar[str] = "sign_in.html"
    username: str
    destination: str
