"""The page about the reader's own account."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.tokens import Once, TokenForm, TokenRow
from tbgateway.rendering.figures import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One browser that is signed in until `expires`; `here` is the one that reads this."""

    created: Moment
    expires: Moment
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage(Page):
    """Who the reader is, with the tokens and the open sessions.

    Who acts without an account, as the operator does, is no `member` and has none of these.
    `versions` are names and versions of what runs here.
    """

    template: ClassVar[str] = "account.html"
    section: ClassVar[str] = "account"
    member: bool
    tokens: tuple[TokenRow, ...]
    token_form: TokenForm
    sessions: tuple[SessionRow, ...]
    once: Once | None
    versions: tuple[tuple[str, str], ...]
