"""API tokens: shown once, kept as a digest of 192 random bits."""

from tbgateway.credentials.secret_texts import Minted, SecretTexts, same_digest
from tbgateway.domain.model import Token

_TEXTS = SecretTexts("tbg", secret_bytes=24)


def mint() -> Minted:
    """Return a new token."""
    return _TEXTS.mint()


def digest_of(secret_text: str) -> tuple[str, str] | None:
    """Return the id and the digest of a token that somebody shows, or None if it is none."""
    return _TEXTS.digest_of(secret_text)


def matches(token: Token, digest: str) -> bool:
    """Whether `digest` is the token's, in a time that does not tell how much of it is."""
    return same_digest(token.digest, digest)
