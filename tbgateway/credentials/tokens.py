"""API tokens: shown once, kept as a digest. They are random, so a fast digest is enough."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from tbgateway.domain.model import Token

_FORM = re.compile(r"tbg_(?P<id>[0-9a-f]{10})_[0-9a-f]{48}")
_ID_BYTES, _SECRET_BYTES = 5, 24


@dataclass(frozen=True, slots=True)
class MintedToken:
    """A new token: `secret_text` is for its owner's eyes, `digest` for the store."""

    id: str
    secret_text: str = field(repr=False)
    digest: str


def mint() -> MintedToken:
    """Return a new token with 192 random bits."""
    identifier = secrets.token_hex(_ID_BYTES)
    secret_text = f"tbg_{identifier}_{secrets.token_hex(_SECRET_BYTES)}"
    return MintedToken(identifier, secret_text, _digest(secret_text))


def digest_of(secret_text: str) -> tuple[str, str] | None:
    """Return the id and the digest of a token that somebody shows, or None if it is none."""
    match = _FORM.fullmatch(secret_text)
    return None if match is None else (match["id"], _digest(secret_text))


def matches(token: Token, digest: str) -> bool:
    """Whether `digest` is the token's, in a time that does not tell how much of it is."""
    return hmac.compare_digest(token.digest.encode(), digest.encode())


def _digest(secret_text: str) -> str:
    return hashlib.sha256(secret_text.encode()).hexdigest()
