"""The headers that credentials come in, as far as they can be read."""

import binascii
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from tbgateway.domain.errors import BadRequestError

_BEARER_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Basic:
    """A name and a password; `passwords` are the readings of its bytes, the likeliest first.

    Nothing tells how a client encoded what was typed: UTF-8, or latin-1 as browsers once did.
    """

    username: str
    passwords: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Malformed:
    """Credentials that cannot be read, or of another scheme: as good as wrong ones."""


Authorization = Basic | Bearer | Malformed


def parse_authorization(values: Sequence[str]) -> Authorization | None:
    """Read the values of all Authorization headers of a request; None if there is none.

    Raise BadRequestError if there are several: nobody can say which one counts.
    """
    if not values:
        return None
    if len(values) > 1:
        raise BadRequestError(
            "The request has more than one Authorization header.", hint="Send one."
        )
    scheme, _, rest = values[0].strip(" \t").partition(" ")
    match scheme.lower():
        case "basic":
            return _basic(rest.strip(" "))
        case "bearer" if _BEARER_TOKEN.fullmatch(rest.strip(" ")):
            return Bearer(rest.strip(" "))
        case _:
            return Malformed()


def parse_api_key(keys: Sequence[str], beside: Authorization | None) -> Authorization | None:
    """Read the values of all X-API-Key headers of a request, each of them an API token.

    `beside` is what the Authorization header says. A key goes before a password: some clients add
    that by themselves, wherever they find one. What no token looks like is one that does not fit.
    Raise BadRequestError if there is another token.
    """
    if not keys:
        return beside
    if len(keys) > 1 or isinstance(beside, Bearer):
        raise BadRequestError(
            "The request has more than one API token.",
            hint="Send one, either as X-API-Key or as Authorization.",
        )
    key = keys[0].strip(" \t")
    return Bearer(key if _BEARER_TOKEN.fullmatch(key) else "")


def _basic(encoded: str) -> Basic | Malformed:
    if len(encoded) % 4:  # even the strict mode lets superfluous padding pass
        return Malformed()
    try:
        decoded = binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:  # not base64, or not even ASCII
        return Malformed()
    username, colon, password = decoded.partition(b":")
    if not colon or _CONTROL.search(decoded.decode("latin-1")):
        return Malformed()
    readings = dict.fromkeys(text.encode() for text in _readings(password))
    return Basic(_readings(username)[0], tuple(readings))


def _readings(data: bytes) -> tuple[str, ...]:
    """Return what the bytes may mean, in NFC: UTF-8 if they are valid, then latin-1."""
    if data.isascii():
        return (data.decode("ascii"),)
    latin_1 = unicodedata.normalize("NFC", data.decode("latin-1"))
    try:
        return unicodedata.normalize("NFC", data.decode()), latin_1
    except UnicodeDecodeError:
        return (latin_1,)
