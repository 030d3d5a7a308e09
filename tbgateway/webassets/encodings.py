"""Which encodings of a file a client takes (RFC 9110, section 12.5.3)."""

import re
from collections.abc import Mapping, Sequence

from tbgateway.webassets.asset import IDENTITY

_MEMBER = re.compile(
    r"(?P<coding>[\w!#$&'^.`|~%+*-]+)(?:\s*;\s*q=(?P<q>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?",
    re.ASCII | re.IGNORECASE,
)
_SYNONYMS = {"x-gzip": "gzip"}
_UNASKED = 0.0001  # what nobody forbids, but everything that is asked for goes before it


def acceptable(accept_encoding: str | None, offers: Sequence[str]) -> Sequence[str]:
    """Return those of `offers` that the client takes, what it likes best first.

    Among equals the earlier offer wins. Who sends no header gets the content as it is, and so
    does who accepts nothing that is offered.
    """
    if accept_encoding is None:
        return [IDENTITY]
    weights = _weights(accept_encoding)
    liked = {offer: _weight(offer, weights) for offer in offers}
    taken = sorted((offer for offer in offers if liked[offer]), key=lambda offer: -liked[offer])
    return taken or [IDENTITY]


def _weights(accept_encoding: str) -> Mapping[str, float]:
    """Return the weight of each coding that the header names; malformed members are left out."""
    members = (_MEMBER.fullmatch(text.strip()) for text in accept_encoding.lower().split(","))
    return {
        _SYNONYMS.get(member["coding"], member["coding"]): float(member["q"] or 1)
        for member in members
        if member is not None
    }


def _weight(offer: str, weights: Mapping[str, float]) -> float:
    return weights.get(offer, weights.get("*", _UNASKED if offer == IDENTITY else 0.0))
