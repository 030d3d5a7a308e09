"""API tokens and other secrets, as pages show them."""

from dataclasses import dataclass

from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.figures import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A secret that was just made: `label` says whose and what it is. No page shows it again."""

    label: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """One token in a list; it works until it `expires`, or until it is deleted."""

    id: str
    label: str
    created: Moment
    expires: Moment | None
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenForm:
    """The form that makes a token; `label` is what was typed, `lifetimes` are in days.

    `confirmed_by` is who has to say the own password once more, if anybody.
    """

    label: str
    lifetimes: tuple[Option, ...]
    confirmed_by: str | None
