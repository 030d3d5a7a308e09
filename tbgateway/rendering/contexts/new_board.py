"""Making a board, and the password that is shown once."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.picker import Picker
from tbgateway.rendering.contexts.refused import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessForm:
    """Who may look, as it is or as it was typed: everything but passwords.

    `passwords` are the ways to come to a password.
    """

    accesses: tuple[Option, ...]
    username: str
    passwords: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBoardPage(Page):
    """A form for a board; `address` is its URL, or what that will look like."""

    template: ClassVar[str] = "new_board.html"
    section: ClassVar[str] = "boards"
    name: str
    address: str
    picker: Picker
    access: AccessForm
    refused: Refused | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPasswordPage(Page):
    """A password that was made up for somebody, shown this once; `made` if the board is new too."""

    template: ClassVar[str] = "board_password.html"
    section: ClassVar[str] = "boards"
    board: str
    made: bool
    url: str
    username: str
    password: str
