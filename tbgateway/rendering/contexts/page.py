"""What every page is told."""

from dataclasses import dataclass
from typing import ClassVar

from tbgateway.domain.errors import TbgatewayError
from tbgateway.rendering.urls import Urls


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom the gateway takes the reader for, and what that one may do besides looking.

    `leaves` tells whether there is something to sign out of.
    """

    name: str
    role: str
    edits: bool = False
    administers: bool = False
    leaves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """A form of one button that takes back what was just done; `fields` are its hidden ones."""

    action: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where to look at something."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What came of the form that led here, said once at the top of the page."""

    text: str
    undo: Undo | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every page needs; `template` is the file that shows it.

    `section` is the entry of the navigation that the page belongs to. `problem` is why a form was
    refused; its `field`, if it has one, names the input that is wrong.
    """

    template: ClassVar[str]
    section: ClassVar[str] = ""
    urls: Urls
    reader: Reader | None = None
    notice: Notice | None = None
    problem: TbgatewayError | None = None
