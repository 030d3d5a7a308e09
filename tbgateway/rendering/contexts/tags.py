"""The tags of an experiment, as small marks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLink:
    """A tag; `url` is a search for all that have it, or empty."""

    tag: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLinks:
    """The first tags of an experiment, and how many it has beside them."""

    links: tuple[TagLink, ...] = ()
    more: int = 0
