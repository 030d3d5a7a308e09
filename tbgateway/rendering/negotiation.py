"""Which of several media types a client likes best (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

_RANGE = re.compile(r"(?P<type>[\w!#$&^.+*-]+)/(?P<subtype>[\w!#$&^.+*-]+)", re.ASCII)
_WEIGHT = re.compile(r"q=(?P<q>0(\.\d{0,3})?|1(\.0{0,3})?)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _MediaRange:
    """One member of an Accept header and its place in there; parameters but `q` are ignored."""

    type: str
    subtype: str
    weight: float
    place: int

    @classmethod
    def parse(cls, text: str, place: int) -> Self | None:
        """Read one member, or return None if it is malformed."""
        kind, *parameters = (part.strip() for part in text.split(";"))
        shape = _RANGE.fullmatch(kind.lower())
        weights = [part for part in parameters if part.lower().startswith("q=")]
        weight = _WEIGHT.fullmatch(weights[0]) if weights else None
        if shape is None or (weights and weight is None):
            return None
        return cls(shape["type"], shape["subtype"], float(weight["q"]) if weight else 1.0, place)

    def specificity(self, media_type: str) -> int:
        """How closely it names `media_type`: 3 exactly, 2 its kind, 1 anything, 0 not at all."""
        kind, _, subtype = media_type.partition("/")
        match self.type, self.subtype:
            case "*", "*":
                return 1
            case type_, "*" if type_ == kind:
                return 2
            case type_, subtype_ if (type_, subtype_) == (kind, subtype):
                return 3
            case _:
                return 0


def preferred(accept: str, offers: Sequence[str]) -> str:
    """Return the one of `offers` that an Accept header asks for.

    The highest weight wins; among equals what the client named more closely, then earlier, then
    what is offered earlier. The first offer also answers those who accept none or say nothing:
    an error told in the wrong language is better than none.
    """
    members = (_MediaRange.parse(text, place) for place, text in enumerate(accept.split(",")))
    ranges = [member for member in members if member is not None]
    liked = [(liking, offer) for offer in offers if (liking := _liking(offer, ranges))[0] > 0]
    return max(liked, key=lambda pair: pair[0], default=(None, offers[0]))[1]


def _liking(offer: str, ranges: Sequence[_MediaRange]) -> tuple[float, int, int]:
    """Return weight, specificity and place (earlier is greater) of the range that applies."""
    closest = max(ranges, key=lambda member: member.specificity(offer), default=None)
    if closest is None or closest.specificity(offer) == 0:
        return (0.0, 0, 0)
    return (closest.weight, closest.specificity(offer), -closest.place)
